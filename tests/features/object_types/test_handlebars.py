"""The Handlebars subset of sources (core reference §3.3)."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import handlebars

DOCUMENT = {
    "first": "Ann",
    "last": "O'Brien & Co <x>",
    "age": 42.0,
    "zero": 0,
    "no": False,
    "yes": True,
    "empty": "",
    "none": None,
    "nothing": [],
    "tags": ["a", "b"],
    "name with blank": {"x.y": "deep"},
    "lines": [{"id": 1, "sub": ["p", "q"]}, {"id": 2, "sub": []}],
    "address": {"city": "Bonn", "zip": None},
}


def render(template):
    return handlebars.compile_template(template)(DOCUMENT)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{_source.first}} {{_source.last}}", "Ann O'Brien & Co <x>"),
        ("{{{_source.last}}}", "O'Brien & Co <x>"),
        ("{{ _source.age }}{{_source.yes}}{{_source.no}}", "42truefalse"),
        ("[{{_source.missing.deep}}{{_source.none}}{{_source.address}}]", "[]"),
        ("{{_source.tags}}", "a,b"),
        ("{{_source.[name with blank].[x.y]}}", "deep"),
        ("{{_source/first}}", "Ann"),
        ("{{_source.lines.1.id}}{{_source.lines.9.id}}{{_source.first.x}}", "2"),
        ("a{{! a note }}b{{!-- }} --}}c", "abc"),
        ("{{#if _source.yes}}y{{else}}n{{/if}}", "y"),
        ("{{#if _source.zero}}y{{else}}n{{/if}}", "n"),
        ("{{#if _source.no}}y{{/if}}", ""),
        ("{{#if _source.nothing}}y{{else}}n{{/if}}", "n"),
        ("{{#if _source.empty}}y{{else}}n{{/if}}", "n"),
        ("{{#if _source.none}}y{{else if _source.tags}}e{{else}}n{{/if}}", "e"),
        ("{{#if _source.none}}y{{else if _source.zero}}e{{else}}n{{/if}}!", "n!"),
        ("{{#if _source.address}}y{{/if}}", "y"),
        ("{{#unless _source.no}}u{{else}}n{{/unless}}", "u"),
        ("{{#unless _source.yes}}u{{else}}n{{/unless}}", "n"),
        ("{{#each _source.tags}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0a,1b"),
        ("{{#each _source.address}}{{@key}}={{this}};{{/each}}", "city=Bonn;zip=;"),
        ("{{#each _source.nothing}}x{{else}}none{{/each}}", "none"),
        ("{{#each _source.first}}x{{else}}none{{/each}}", "none"),
        ("{{#each _source.lines}}{{id}}{{#each sub}}{{.}}{{../id}}{{/each}};{{/each}}", "1p1q1;2;"),
        ("{{#each _source.lines}}{{this.id}}{{this/id}}{{_source.first}}{{/each}}", "11Ann22Ann"),
        ("{{#each _source.lines}}{{#if @first}}f{{@root._source.first}}{{/if}}{{/each}}", "fAnn"),
        ("{{#with _source.address}}{{city}}{{../_source}}{{/with}}", "Bonn"),
        ("{{#with _source.none}}x{{else}}no{{/with}}", "no"),
        ("{{#with _source.address}}{{@index}}{{../../../x}}{{/with}}", ""),
        (
            "{{#removeExtraSpace}}  {{_source.first}}   {{_source.none}} x {{/removeExtraSpace}}",
            "Ann x",
        ),
        ("{{#if _source.yes}}{{#if _source.zero}}a{{else}}b{{/if}}{{/if}}", "b"),
    ],
)
def test_a_template_makes_text(template, text):
    assert render(template) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{_source.first",
        "_source.first}}",
        "{{_source.first}} }}",
        "{{}}",
        "{{first}}",
        "{{_other.first}}",
        "{{this}}",
        "{{.}}",
        "{{../x}}",
        "{{_source..x}}",
        "{{_source.x y}}",
        "{{uppercase _source.x}}",
        '{{"text"}}',
        "{{> partial}}",
        "{{&_source.x}}",
        "{{#if}}x{{/if}}",
        "{{#if _source.a _source.b}}x{{/if}}",
        "{{#if _source.a}}x",
        "{{#if _source.a}}x{{/unless}}",
        "{{/if}}",
        "{{else}}",
        "{{#if _source.a}}{{else}}{{else}}{{/if}}",
        "{{#removeExtraSpace}}{{else}}{{/removeExtraSpace}}",
        "{{#removeExtraSpace _source.a}}{{/removeExtraSpace}}",
        "{{#lookup _source.a}}{{/lookup}}",
        "{{#}}",
        "{{#each _source.a}}{{../}}{{..x}}{{/each}}",
        "{{#if _source.a}}" * 22 + "{{/if}}" * 22,
    ],
)
def test_an_invalid_template_is_refused_with_a_sentence(template):
    with pytest.raises(BadRequest) as failure:
        handlebars.compile_template(template)

    assert failure.value.message.startswith("Source is not a valid template")


def test_a_template_cannot_make_endless_text_or_take_endless_time():
    long = {"list": ["x" * 1000] * 300, "numbers": [0] * 50_000, "text": "x" * 200_000}
    long_text = handlebars.compile_template("{{#each _source.list}}{{this}}{{/each}}")
    long_time = handlebars.compile_template(
        "{{#each _source.numbers}}{{#each _source.numbers}}{{/each}}{{/each}}"
    )
    twice = handlebars.compile_template("{{_source.text}}{{_source.text}}")

    for template in (long_text, long_time, twice):
        with pytest.raises(handlebars.TooLong):
            template(long)
