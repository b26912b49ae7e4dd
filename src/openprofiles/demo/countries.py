"""Where invented people live: names as they are written there and elsewhere, towns, and telephone
numbers that are kept free for fiction.
"""

import random
from dataclasses import dataclass

from openprofiles.demo.words import STREET_TYPES, STREETS, SURNAMES

Spellings = tuple[str, ...]
"""A name as its owner writes it, then as others do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town with the forms of its postal codes and land lines: each # is a digit. `dial` is empty
    where no numbers are kept free.
    """

    name: str
    state: str
    postal: str
    dial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What people of a country are called, where they live, how they are reached.

    `mobiles` are the forms of numbers that a country keeps free for fiction, `prefix` is how it is
    dialled from abroad and `trunk` what stands before a number within. Addresses are written as
    `street` says.
    """

    code: str
    name: str
    weight: int
    firsts: tuple[Spellings, ...]
    lasts: tuple[Spellings, ...]
    towns: tuple[Town, ...]
    streets: tuple[str, ...]
    street: str
    prefix: str = ""
    trunk: str = ""
    mobiles: tuple[str, ...] = ()


def _names(text: str) -> tuple[Spellings, ...]:
    """Names separated by blanks, their spellings by slashes."""
    return tuple(tuple(name.replace("_", " ").split("/")) for name in text.split())


def _towns(*rows: str) -> tuple[Town, ...]:
    cut = (row.split("|") for row in rows)
    return tuple(
        Town(name=name, state=state, postal=postal, dial=dial) for name, state, postal, dial in cut
    )


def dialled(random_: random.Random, form: str) -> str:
    """A text of the form: each # is a digit."""
    return "".join(str(random_.randrange(10)) if sign == "#" else sign for sign in form)


_AMERICAN_AREAS = (
    "201 202 205 206 209 212 213 214 215 216 217 218 239 240 248 251 253 254 256 260 301 302 303"
    " 305 307 309 310 312 313 314 315 316 317 318 319 320 330 334 401 402 404 405 406 407 408 409"
    " 410 412 413 414 415 417 419 423 503 505 507 508 509 510 512 513 515 602 603 605 606 607 608"
)
_UNITED_STATES = Country(
    code="US",
    name="United States",
    weight=46,
    firsts=_names(
        "James/Jim/Jimmy Robert/Bob/Rob John/Johnny/Jon Michael/Mike/Mick David/Dave"
        " William/Bill/Will Richard/Rick/Dick Joseph/Joe Thomas/Tom Christopher/Chris Daniel/Dan"
        " Matthew/Matt Anthony/Tony Steven/Steve/Stephen Andrew/Andy/Drew Joshua/Josh Kenneth/Ken"
        " Kevin Edward/Ed/Ted Ronald/Ron Timothy/Tim Jeffrey/Jeff Gregory/Greg Benjamin/Ben"
        " Samuel/Sam Mary/Molly Patricia/Pat/Trish Jennifer/Jen/Jenny Elizabeth/Liz/Beth/Betty"
        " Barbara/Barb Susan/Sue Jessica/Jess Sarah/Sara Karen Margaret/Peggy/Maggie/Meg Nancy"
        " Sandra/Sandy Kimberly/Kim Deborah/Debbie/Debra Stephanie/Steph Rebecca/Becky"
        " Cynthia/Cindy Kathleen/Kathy/Cathleen Angela/Angie Dorothy/Dot"
        " Katherine/Kate/Catherine/Katie Nicole/Nikki Theresa/Teresa/Terri Victoria/Vicky"
        " Guadalupe/Lupe José/Jose/Pepe Luis Carlos/Charlie María/Maria Juanita Minh Thị_Hoa/Hoa"
        " Jamal Latoya/Toya Deshawn/Shawn Aaliyah/Aliyah"
    ),
    lasts=tuple((name,) for name in SURNAMES),
    towns=_towns(
        "Seattle|WA|981##|20655501##", "Portland|OR|972##|50355501##", "Denver|CO|802##|30355501##",
        "Austin|TX|787##|51255501##", "Chicago|IL|606##|31255501##", "Boston|MA|021##|61755501##",
        "Atlanta|GA|303##|40455501##", "Nashville|TN|372##|61555501##",
        "Richmond|VA|232##|80455501##",
        "Phoenix|AZ|850##|60255501##",
    ),
    streets=tuple(f"{name} {pair[0]}" for name in STREETS for pair in STREET_TYPES[:4]),
    street="{house} {street}",
    prefix="+1",
    mobiles=tuple(f"{area}55501##" for area in _AMERICAN_AREAS.split()),
)  # fmt: skip
_UNITED_KINGDOM = Country(
    code="GB",
    name="United Kingdom",
    weight=18,
    firsts=_names(
        "Oliver/Ollie Harry Jack/Jackie George Charlotte/Lottie Amelia/Millie Isla Thomas/Tom"
        " William/Will/Bill Emily/Em Sophie Elizabeth/Liz/Beth Alexander/Alex Margaret/Maggie"
        " Siân/Sian Rhys Aoife Callum/Cal Priya Imran Katherine/Kate/Kathy Benjamin/Ben"
    ),
    lasts=_names(
        "Smith Jones Taylor Brown Williams Evans Davies Patel Khan Wright Hughes Green Walker"
        " O'Neill/ONeill MacDonald/McDonald/Macdonald Ellis Fletcher Hussain Ashworth Pryce/Price"
        " Thwaite Greaves/Graves Begum Llewellyn/Llewelyn"
    ),
    towns=_towns(
        "London|Greater London|SW1A #AB|2079460###", "Leeds|West Yorkshire|LS# #DF|1134960###",
        "Bristol|Somerset|BS# #TR|1174960###", "Cardiff|Glamorgan|CF## #QN|2920180###",
        "Edinburgh|Midlothian|EH# #LW|1314960###",
    ),
    streets=("High Street", "Church Lane", "Station Road", "Victoria Road", "Mill Lane",
             "Queen's Road", "The Green", "Albert Street"),
    street="{house} {street}",
    prefix="+44",
    trunk="0",
    mobiles=("7700900###",),
)  # fmt: skip
_GERMANY = Country(
    code="DE",
    name="Germany",
    weight=15,
    firsts=_names(
        "Jürgen/Juergen Björn/Bjoern Anna/Anni Lukas/Luca Katharina/Kathi/Katja Sebastian/Basti"
        " Ursula/Uschi Maximilian/Max Günther/Guenther/Gunther Lena Sabine Thomas/Tom Hannah/Hanna"
        " Stefan/Stephan Elisabeth/Lisa/Elli Mehmet Ayşe/Ayse Jan Jörg/Joerg"
    ),
    lasts=_names(
        "Müller/Mueller/Muller Schmidt/Schmitt Schneider Fischer Weber Meyer/Meier/Maier Wagner"
        " Schäfer/Schaefer Köhler/Koehler Größmann/Groessmann Yılmaz/Yilmaz Lehmann Jäger/Jaeger"
        " Voß/Voss Krüger/Krueger Hofmann/Hoffmann Böhm/Boehm von_Arnim/Arnim"
    ),
    towns=_towns(
        "Berlin|Berlin|10###|3023125###", "Hamburg|Hamburg|20###|4066969###",
        "München|Bayern|80###|8999998###", "Köln|Nordrhein-Westfalen|50###|2214710###",
        "Frankfurt am Main|Hessen|60###|6990009###",
    ),
    streets=("Hauptstraße", "Bahnhofstr.", "Gartenweg", "Schulstraße", "Lindenallee",
             "Am Markt", "Bergstr.", "Goethestraße"),
    street="{street} {house}",
    prefix="+49",
    trunk="0",
    mobiles=("17139200##", "176040690##"),
)  # fmt: skip
_FRANCE = Country(
    code="FR",
    name="France",
    weight=10,
    firsts=_names(
        "François/Francois Hélène/Helene Jean-Pierre/Jean_Pierre/JP Zoé/Zoe Mathieu/Matthieu"
        " Chloé/Chloe Aurélie/Aurelie Thierry Amélie/Amelie Nicolas/Nico Camille"
        " Bénédicte/Benedicte Loïc/Loic Fatima Youssef/Yusuf Inès/Ines"
    ),
    lasts=_names(
        "Lefèvre/Lefevre/Lefebvre Dubois Moreau Girard Bonnet Rousseau Fournier Mercier Benali"
        " Guérin/Guerin Chevalier Lemaître/Lemaitre D'Amico/Damico Garnier Faure Perrin"
    ),
    towns=_towns(
        "Paris|Île-de-France|750##|19900####", "Lyon|Rhône|690##|46571####",
        "Nantes|Loire-Atlantique|440##|26191####",
        "Lille|Nord|590##|35301####", "Toulouse|Haute-Garonne|310##|53649####",
    ),
    streets=("rue de la Gare", "avenue Victor Hugo", "rue des Lilas", "place de l'Église",
             "boulevard Pasteur", "chemin du Moulin"),
    street="{house} {street}",
    prefix="+33",
    trunk="0",
    mobiles=("63998####",),
)  # fmt: skip
_JAPAN = Country(
    code="JP",
    name="Japan",
    weight=3,
    firsts=_names(
        "さくら/Sakura 陽斗/Haruto 結衣/Yui 健太/Kenta 美咲/Misaki 大輔/Daisuke 恵子/Keiko 蓮/Ren"
        " 葵/Aoi 翔太/Shota 由美/Yumi 直樹/Naoki 千尋/Chihiro 拓海/Takumi 明日香/Asuka 誠/Makoto"
    ),
    lasts=_names(
        "田中/Tanaka 佐藤/Sato/Satoh 鈴木/Suzuki 高橋/Takahashi 渡辺/Watanabe 伊藤/Ito/Itoh"
        " 中村/Nakamura 小林/Kobayashi 加藤/Kato/Katoh 吉田/Yoshida 山本/Yamamoto"
        " 松本/Matsumoto 井上/Inoue 木村/Kimura 清水/Shimizu 斎藤/Saito/Saitoh"
    ),
    towns=_towns("東京|東京都|1#0-00##|", "大阪|大阪府|5#0-00##|", "京都|京都府|6#0-80##|"),
    streets=("丸の内", "本町", "中央", "桜木町"),
    street="{street}{house}-2",
)
_GREECE = Country(
    code="GR",
    name="Greece",
    weight=2,
    firsts=_names(
        "Νίκος/Nikos/Nick Ελένη/Eleni/Helen Γιώργος/Giorgos/George Μαρία/Maria Δημήτρης/Dimitris"
        " Σοφία/Sofia/Sophia Κώστας/Kostas/Costas Κατερίνα/Katerina Γιάννης/Giannis/Yannis"
        " Άννα/Anna Παναγιώτης/Panagiotis Ειρήνη/Irini"
    ),
    lasts=_names(
        "Παπαδόπουλος/Papadopoulos Γεωργίου/Georgiou Νικολάου/Nikolaou Βασιλείου/Vasileiou"
        " Οικονόμου/Oikonomou/Economou Αντωνίου/Antoniou Χατζής/Hatzis/Chatzis Μακρής/Makris"
        " Λάμπρου/Lambrou Καραγιάννης/Karagiannis Δήμου/Dimou Σαμαράς/Samaras"
    ),
    towns=_towns("Αθήνα|Αττική|10# ##|", "Θεσσαλονίκη|Μακεδονία|54# ##|"),
    streets=("Ερμού", "Σταδίου", "Αθηνάς", "Τσιμισκή"),
    street="{street} {house}",
)
_POLAND = Country(
    code="PL",
    name="Poland",
    weight=4,
    firsts=_names(
        "Łukasz/Lukasz Małgorzata/Malgorzata/Gosia Paweł/Pawel Agnieszka/Aga Zofia/Zosia"
        " Michał/Michal Katarzyna/Kasia Stanisław/Stanislaw/Staszek Grażyna/Grazyna"
        " Jędrzej/Jedrzej Barbara/Basia Rafał/Rafal Świętosława/Swietoslawa Tomasz/Tomek"
    ),
    lasts=_names(
        "Wójcik/Wojcik Kowalczyk Wiśniewska/Wisniewska Zając/Zajac Król/Krol Nowak"
        " Dąbrowski/Dabrowski Kamińska/Kaminska Szymański/Szymanski Woźniak/Wozniak Górski/Gorski"
        " Ostrowska Pawłowski/Pawlowski Michałowska/Michalowska Wróbel/Wrobel"
    ),
    towns=_towns("Warszawa|Mazowieckie|00-###|", "Kraków|Małopolskie|30-###|"),
    streets=("ul. Długa", "ul. Polna", "ul. Słoneczna", "al. Jana Pawła II"),
    street="{street} {house}",
)

COUNTRIES = (_UNITED_STATES, _UNITED_KINGDOM, _GERMANY, _FRANCE, _JAPAN, _GREECE, _POLAND)
