"""Names of persons, towns, firms and things. The `_HELD` lists are seen by the evaluation only."""

from . import invented

FIRST = "Anna,Ben,Clara,David,Emil,Fatima,George,Hana,Ivan,Julia,Karl,Lena,Mark,Nina,Oscar,Paula,Quentin,Rosa,Simon,Tara,Ursula,Victor,Wanda,Xavier,Yara,Zoe,Adam,Bella,Carlos,Dora,Erik,Fiona,Gustav,Helen,Igor,Jane,Kofi,Laura,Miguel,Nora,Omar,Petra,Ravi,Sara,Tom,Uma,Vera,Will,Yusuf,Alice,Bruno,Chloe,Daniel,Eva,Frank,Greta,Hugo,Iris,Jonas,Kate,Leo,Mia,Nadia,Otto,Priya,Robert,Sofia,Theo,Amir,Lucy,Peter,Grace,Henry,Ida,Jack,Ken,Lily,Max,Olga,Paul,Ruth,Sam,Tina".split(",")
FIRST_HELD = "Marta,Bjorn,Celia,Dmitri,Elsa,Felix,Gloria,Harald,Ines,Jasper,Katya,Lars,Monica,Nils,Ophelia,Pablo,Renata,Stefan,Thelma,Viktor,Wilma,Agnes,Boris,Carmen,Diego,Edith,Farid,Gerda,Hassan,Irma,Joel,Kim,Lionel,Maya,Noah,Orla,Pierre,Rita,Silvio,Tess,Ann,John,Mary".split(",")
LAST = "Smith,Jones,Brown,Weber,Fischer,Rossi,Novak,Garcia,Silva,Kowalski,Larsen,Nilsson,Dubois,Martin,Bauer,Schmidt,Ivanov,Petrov,Tanaka,Sato,Chen,Wang,Singh,Patel,Khan,Ali,Hansen,Berg,Lund,Keller,Meyer,Wolf,Costa,Santos,Moreno,Lopez,Cohen,Levy,Murphy,Kelly,Walsh,Young,Hill,Wood,Green,Baker,Cook,Carter,Parker,Turner,Adams,Clark,Evans,Wright,Hall,King,Moore,Reed,Ross,Stone".split(",")
LAST_HELD = "Olsen,Andersson,Bianchi,Castillo,Duarte,Eriksen,Ferrari,Gruber,Horvat,Ito,Jansen,Kumar,Lindgren,Mazur,Nakamura,Ortega,Popov,Quinn,Ricci,Sorensen,Takahashi,Urban,Varga,Winter,Yilmaz,Zimmer,Abbott,Barnes,Collins,Dixon,Foster,Graham,Hughes,Irving,Jenkins,Knight,Lawson,Mills".split(",")

TOWNS = "Bergen,Lyon,Porto,Graz,Leeds,Turin,Krakow,Malmo,Ghent,Basel,Seville,Bristol,Cologne,Nantes,Bologna,Tampere,Aarhus,Zurich,Geneva,Hamburg,Munich,Milan,Naples,Boston,Denver,Dallas,Osaka,Kyoto,Mumbai,Lagos,Perth,Sydney,Toronto,Utrecht,Gdansk,Split,York,Bath,Oxford,Dresden".split(",")
TOWNS_HELD = "Trondheim,Marseille,Coimbra,Linz,Sheffield,Verona,Poznan,Uppsala,Bruges,Lugano,Granada,Cardigan,Bremen,Toulouse,Ravenna,Turku,Odense,Lucerne,Seattle,Nagoya,Haarlem,Exeter,Leipzig,Genoa".split(",")

THINGS = "boat,car,bicycle,house,garden,piano,camera,lamp,table,chair,book,clock,bag,coat,hat,tent,van,truck,guitar,radio,phone,key,box,bottle,mirror,horse,dog,cat,bakery,mill,painting,drum,ladder,sofa,cup,knife,plane,barn,shop,farm,umbrella,basket,carpet,stove".split(",")
THINGS_HELD = "canoe,scooter,violin,desk,vase,jacket,wagon,telescope,kettle,pony,cottage,printer,suitcase,blanket,statue,rowing machine,helmet,necklace".split(",")
ADJECTIVES = "red,blue,green,black,white,yellow,brown,old,new,small,big,wooden,grey,silver,golden,broken,round,long,heavy,cheap".split(",")
COLOURS = "red,blue,green,black,white,yellow,brown,grey,orange,pink,purple,silver".split(",")

PLACES = "library,museum,bakery,school,office,pool,market,bank,station,pharmacy,theatre,gym,post office,town hall,garden,cinema,zoo,church,castle,cafe,hotel,clinic,shop,warehouse,workshop,kitchen,studio,archive".split(",")
PLACES_HELD = "harbour,observatory,brewery,gallery,chapel,stadium,laboratory,nursery,ferry terminal,bookshop,canteen,lighthouse".split(",")

EVENTS = "meeting,concert,wedding,party,exam,lecture,course,match,festival,interview,dinner,workshop,training,review,parade,auction,trip,race,fair,show".split(",")
EVENTS_HELD = "ceremony,rehearsal,banquet,hearing,seminar,picnic,audit,premiere,regatta,kick-off".split(",")

JOBS = "director,manager,teacher,doctor,captain,pilot,cook,engineer,mayor,editor,gardener,driver,secretary,treasurer,chair,owner,coach,nurse,baker,judge".split(",")
JOBS_HELD = "architect,librarian,conductor,curator,caretaker,surveyor,translator,accountant,headmaster,producer".split(",")

FRUIT = "apples,chairs,books,boxes,trees,cows,sheep,tables,bottles,students,windows,cups,horses,boats,plants,beds,rooms,guests,lamps,goats".split(",")
FRUIT_HELD = "pears,stools,parrots,barrels,desks,pigeons,computers,tickets,benches,violins,ducks,visitors".split(",")

DAYS = "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday".split(",")
MONTHS = "January,February,March,April,May,June,July,August,September,October,November,December".split(",")
LABELS = "EMAIL,PERSON,PHONE,IBAN,CARD,ADDRESS,IP,SECRET,URL,PATH,DATE,ORG,ID,USER,NAME,PROJECT,ACCOUNT,KEY".split(",")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def pick(rng, seen, held_list, held):
    return rng.choice(held_list if held else seen)


def placeholder(rng, labels=LABELS):
    return f"[{rng.choice(labels)}_{''.join(rng.choice(CROCKFORD) for _ in range(4))}]"


def person(rng, held=False):
    if rng.random() < 0.06:
        return placeholder(rng, ["PERSON", "NAME", "USER"])
    made = not held and rng.random() < 0.35
    first = invented.word(rng, 1) if made else pick(rng, FIRST, FIRST_HELD, held)
    if rng.random() < 0.3:
        return first
    made = not held and rng.random() < 0.35
    return first + " " + (invented.word(rng) if made else pick(rng, LAST, LAST_HELD, held))


def town(rng, held=False):
    return invented.word(rng) if not held and rng.random() < 0.5 else pick(rng, TOWNS, TOWNS_HELD, held)


def firm(rng, held=False):
    name = pick(rng, LAST, LAST_HELD, held) if rng.random() < 0.4 else invented.word(rng)
    return name + rng.choice(["", "", " Ltd", " Group", " Labs", " Works", " Bank", " Foods"])


def time(rng):
    return f"{rng.randrange(5, 24)}:{rng.randrange(0, 60, 5):02d}"


def date(rng):
    return rng.choice([
        lambda: f"{rng.randrange(1, 31)} {rng.choice(MONTHS)}", lambda: rng.choice(DAYS),
        lambda: f"{rng.randrange(1, 31)} {rng.choice(MONTHS)} {rng.randrange(1950, 2035)}", lambda: str(rng.randrange(1900, 2035)),
    ])()


def email(rng):
    first, last = rng.choice(FIRST + FIRST_HELD).lower(), rng.choice(LAST + LAST_HELD).lower()
    user = rng.choice([first, last, f"{first}.{last}", f"{first[0]}.{last}", f"{first}{rng.randrange(1, 99)}", f"{first}_{last}"])
    return f"{user}@{rng.choice(['example', 'mail', 'post', 'work', invented.word(rng, 1).lower()])}.{rng.choice(['com', 'org', 'net', 'de', 'io'])}"
