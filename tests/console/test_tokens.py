"""Tokens of browsers, and the proofs of forms."""

from hypothesis import given
from hypothesis import strategies as some

from openprofiles.console.tokens import is_proof, is_token, new_token, proof_of


def test_a_token_has_the_form_of_one_and_is_never_the_same():
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(is_token(token) for token in tokens)


@given(some.text(max_size=60))
def test_hardly_any_text_is_a_token(text):
    assert not is_token(text) or len(text) == 43


def test_a_proof_is_for_one_browser_and_looks_different_each_time():
    token = new_token()
    proofs = {proof_of(token) for _ in range(10)}

    assert len(proofs) == 10
    assert all(is_proof(proof, token) for proof in proofs)
    assert not any(is_proof(proof, new_token()) for proof in proofs)
    assert not any(token in proof for proof in proofs)


@given(some.text())
def test_no_other_text_is_a_proof(text):
    assert not is_proof(text, "a" * 43)
