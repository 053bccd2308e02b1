"""The facts the model knows. A row is a key and a value; `relations.py` says how one asks for them."""


def rows(text):
    return dict(part.strip().split("=") for part in text.replace("\n", ";").split(";") if part.strip())


CAPITALS = rows("""
France=Paris;Germany=Berlin;Italy=Rome;Spain=Madrid;Portugal=Lisbon;Austria=Vienna;Belgium=Brussels
the Netherlands=Amsterdam;Luxembourg=Luxembourg;Switzerland=Bern;Poland=Warsaw;Hungary=Budapest
Greece=Athens;Sweden=Stockholm;Norway=Oslo;Denmark=Copenhagen;Finland=Helsinki;Iceland=Reykjavik
Ireland=Dublin;the United Kingdom=London;England=London;Scotland=Edinburgh;Wales=Cardiff
the Czech Republic=Prague;Slovakia=Bratislava;Slovenia=Ljubljana;Croatia=Zagreb;Serbia=Belgrade
Bosnia=Sarajevo;Montenegro=Podgorica;Albania=Tirana;North Macedonia=Skopje;Bulgaria=Sofia
Romania=Bucharest;Moldova=Chisinau;Ukraine=Kyiv;Belarus=Minsk;Russia=Moscow;Estonia=Tallinn
Latvia=Riga;Lithuania=Vilnius;Malta=Valletta;Cyprus=Nicosia;Turkey=Ankara;Georgia=Tbilisi
Armenia=Yerevan;Azerbaijan=Baku;Israel=Jerusalem;Lebanon=Beirut;Syria=Damascus;Jordan=Amman
Iraq=Baghdad;Iran=Tehran;Saudi Arabia=Riyadh;Yemen=Sanaa;Oman=Muscat;Qatar=Doha;Kuwait=Kuwait City
Bahrain=Manama;Kazakhstan=Astana;Uzbekistan=Tashkent;Turkmenistan=Ashgabat;Kyrgyzstan=Bishkek
Tajikistan=Dushanbe;Afghanistan=Kabul;Pakistan=Islamabad;India=New Delhi;Nepal=Kathmandu
Bhutan=Thimphu;Bangladesh=Dhaka;China=Beijing;Mongolia=Ulaanbaatar;Japan=Tokyo;South Korea=Seoul
North Korea=Pyongyang;Taiwan=Taipei;Vietnam=Hanoi;Laos=Vientiane;Cambodia=Phnom Penh
Thailand=Bangkok;Malaysia=Kuala Lumpur;Singapore=Singapore;Indonesia=Jakarta;the Philippines=Manila
Australia=Canberra;New Zealand=Wellington;Fiji=Suva;Samoa=Apia;Egypt=Cairo;Libya=Tripoli
Tunisia=Tunis;Algeria=Algiers;Morocco=Rabat;Sudan=Khartoum;Ethiopia=Addis Ababa;Somalia=Mogadishu
Kenya=Nairobi;Uganda=Kampala;Tanzania=Dodoma;Rwanda=Kigali;Zambia=Lusaka;Zimbabwe=Harare
Malawi=Lilongwe;Mozambique=Maputo;Angola=Luanda;Namibia=Windhoek;Botswana=Gaborone
South Africa=Pretoria;Madagascar=Antananarivo;Nigeria=Abuja;Ghana=Accra;Senegal=Dakar;Mali=Bamako
Niger=Niamey;Chad=Djamena;Cameroon=Yaounde;Gabon=Libreville;Liberia=Monrovia;Togo=Lome
the United States=Washington;Canada=Ottawa;Mexico=Mexico City;Cuba=Havana;Jamaica=Kingston
Haiti=Port-au-Prince;Guatemala=Guatemala City;Honduras=Tegucigalpa;Nicaragua=Managua
Costa Rica=San Jose;Panama=Panama City;Colombia=Bogota;Venezuela=Caracas;Ecuador=Quito;Peru=Lima
Bolivia=Sucre;Brazil=Brasilia;Paraguay=Asuncion;Uruguay=Montevideo;Argentina=Buenos Aires
Chile=Santiago;Guyana=Georgetown;Suriname=Paramaribo
""")

CONTINENTS = {
    country: continent
    for continent, countries in {
        "Europe": "France,Germany,Italy,Spain,Portugal,Austria,Belgium,Poland,Greece,Sweden,Norway,Denmark,Finland,Ireland,Hungary,Romania,Ukraine,Switzerland",
        "Asia": "China,Japan,India,Vietnam,Thailand,Nepal,Mongolia,Pakistan,Iran,Iraq,South Korea,Indonesia,Malaysia,Laos",
        "Africa": "Egypt,Kenya,Nigeria,Ghana,Morocco,Ethiopia,Uganda,Angola,Mali,Zambia,Senegal,Chad,Algeria,South Africa",
        "South America": "Brazil,Peru,Chile,Argentina,Bolivia,Ecuador,Uruguay,Colombia,Venezuela",
        "North America": "Canada,Mexico,Cuba,Panama,Jamaica",
    }.items()
    for country in countries.split(",")
}

CURRENCIES = rows("""
Japan=the yen;China=the yuan;India=the rupee;Russia=the ruble;Brazil=the real;Poland=the zloty
Sweden=the krona;Norway=the krone;Switzerland=the franc;Turkey=the lira;Mexico=the peso
France=the euro;Germany=the euro;Italy=the euro;Spain=the euro;Austria=the euro;Finland=the euro
Canada=the dollar;Australia=the dollar;South Korea=the won;Thailand=the baht;Vietnam=the dong
Israel=the shekel;South Africa=the rand;Nigeria=the naira;Hungary=the forint;Kenya=the shilling
Ukraine=the hryvnia;Egypt=the pound;Peru=the sol;Malaysia=the ringgit;Indonesia=the rupiah
""")

LANGUAGES = rows("""
France=French;Germany=German;Italy=Italian;Spain=Spanish;Portugal=Portuguese;Brazil=Portuguese
Mexico=Spanish;Argentina=Spanish;Austria=German;Poland=Polish;Greece=Greek;Sweden=Swedish
Norway=Norwegian;Denmark=Danish;Finland=Finnish;Hungary=Hungarian;Russia=Russian;Turkey=Turkish
Japan=Japanese;China=Chinese;Egypt=Arabic;Morocco=Arabic;Iran=Persian;Israel=Hebrew;Thailand=Thai
Vietnam=Vietnamese;Romania=Romanian;Bulgaria=Bulgarian;Ukraine=Ukrainian;Chile=Spanish
Australia=English;Iceland=Icelandic
""")

AUTHORS = rows("""
Hamlet=William Shakespeare;Macbeth=William Shakespeare;Don Quixote=Miguel de Cervantes
Faust=Johann Wolfgang von Goethe;War and Peace=Leo Tolstoy;Oliver Twist=Charles Dickens
Emma=Jane Austen;Moby Dick=Herman Melville;The Odyssey=Homer;The Hobbit=J. R. R. Tolkien
Frankenstein=Mary Shelley;Dracula=Bram Stoker;Animal Farm=George Orwell;The Trial=Franz Kafka
Jane Eyre=Charlotte Bronte;Les Miserables=Victor Hugo;Crime and Punishment=Fyodor Dostoevsky
Treasure Island=Robert Louis Stevenson
""")

COLOURS = rows("""
grass=green;snow=white;blood=red;coal=black;milk=white;the sky=blue;the sun=yellow;a lemon=yellow
a banana=yellow;a tomato=red;a carrot=orange;chocolate=brown;an emerald=green;a ruby=red
a flamingo=pink;a raven=black;a frog=green;an orange=orange;salt=white;a cucumber=green
""")

LEGS = rows("a spider=8;an ant=6;a bee=6;a dog=4;a cat=4;a horse=4;a bird=2;a cow=4;a beetle=6;a human=2;a snake=0;a crab=10;a butterfly=6;a chicken=2;a scorpion=8")

MONTH_DAYS = rows("January=31;February=28;March=31;April=30;May=31;June=30;July=31;August=31;September=30;October=31;November=30;December=31")

PARTS = rows("""
a week=7 days;a year=365 days;a day=24 hours;an hour=60 minutes;a minute=60 seconds
a triangle=3 sides;a square=4 sides;a pentagon=5 sides;a hexagon=6 sides;an octagon=8 sides
a violin=4 strings;a guitar=6 strings;a football team=11 players;the alphabet=26 letters
a rainbow=7 colours;a hand=5 fingers;a dozen=12 pieces;a decade=10 years;a century=100 years
a leap year=366 days;a chessboard=64 squares;an octopus=8 arms
""")

PLANETS = rows("first=Mercury;second=Venus;third=Earth;fourth=Mars;fifth=Jupiter;sixth=Saturn;seventh=Uranus;eighth=Neptune")

MONTH_ORDER = rows("first=January;second=February;third=March;fourth=April;fifth=May;sixth=June;seventh=July;eighth=August;ninth=September;tenth=October;eleventh=November;last=December")

DAY_AFTER = rows("Monday=Tuesday;Tuesday=Wednesday;Wednesday=Thursday;Thursday=Friday;Friday=Saturday;Saturday=Sunday;Sunday=Monday")
DAY_BEFORE = {after: day for day, after in DAY_AFTER.items()}

OPPOSITES = rows("""
hot=cold;cold=hot;big=small;small=big;tall=short;fast=slow;slow=fast;up=down;down=up;left=right
open=closed;full=empty;empty=full;light=dark;dark=light;day=night;night=day;old=young;rich=poor
poor=rich;hard=soft;soft=hard;happy=sad;sad=happy;wet=dry;dry=wet;early=late;late=early;strong=weak
weak=strong;high=low;low=high;near=far;far=near;clean=dirty;dirty=clean;good=bad;bad=good;true=false
win=lose;love=hate;war=peace;loud=quiet;wide=narrow;heavy=light;thick=thin;north=south
""")

YOUNG = rows("""
dog=puppy;cat=kitten;cow=calf;horse=foal;sheep=lamb;goat=kid;pig=piglet;bear=cub;lion=cub;deer=fawn
duck=duckling;goose=gosling;hen=chick;kangaroo=joey;frog=tadpole;owl=owlet;swan=cygnet;wolf=pup
""")

RECORDS = rows("""
largest ocean=the Pacific Ocean;smallest ocean=the Arctic Ocean;highest mountain=Mount Everest
longest river=the Nile;largest planet=Jupiter;smallest planet=Mercury;hottest planet=Venus
largest continent=Asia;smallest continent=Australia;largest country=Russia;smallest country=Vatican City
fastest land animal=the cheetah;largest animal=the blue whale;tallest animal=the giraffe
largest land animal=the elephant;largest bird=the ostrich;closest star=the Sun;hardest mineral=diamond
largest hot desert=the Sahara;deepest lake=Lake Baikal;largest island=Greenland;tallest tree=the redwood
lightest gas=hydrogen;largest organ of the body=the skin;longest bone of the body=the thigh bone
""")

STATES = rows("boil=100;freeze=0")
