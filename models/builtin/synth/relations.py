"""How one asks for a fact of each table, and how it is stated."""

from dataclasses import dataclass

from . import tables


@dataclass
class Relation:
    name: str
    topic: str
    table: dict
    answer: str
    forms: list
    weight: float = 1.0


LEAD = "(|can you tell me |could you tell me |tell me |please tell me |do you know |I want to know |I need to know |would you say |let me know |I would like to know |say |I have to find out |remind me |explain |show me |I am asking )"

RELATIONS = [
    Relation("capital", "geography", tables.CAPITALS, "The capital of {x} is {y}.", [
        "(What is|What's|Which is|What was|Name|State|Give me|Tell me|I need|Say|Find|Look up|Do you know|Can you name|Can you tell me|Please name|Please give me|Remind me of) the capital (|city |town )(of|of|of|for) {x}",
        LEAD + "(what|which city|which town) (the capital of {x} is|is the capital of {x}|is the capital city of {x})",
        "(Which|What) (city|town|place) is (the capital|the capital city|capital) of {x}",
        "(What is|What's|Tell me|Give me|Name|I need) {x}'s capital(| city)",
        "{x} has (what|which) (city|town) as (its|the) capital",
        "(capital|capital city) of {x}", "{x} capital", "{x}: capital", "capital {x}", "the capital of {x} is (|what|which city|which one|called what|named what)",
        "{x}, what is (its|the) capital(| city)", "(For|In|About) {x}, (what is|name|give me) the capital(| city)",
        "What (city|town) (does|did) {x} have as (|a |its |the )capital", "What do (you|they|people) call the capital of {x}",
        "What is the name of the capital (|city )of {x}", "How is the capital of {x} called", "What is the capital of the country (|called |named ){x}",
        "I (am looking for|want|forgot|need|must know) the capital (|city )of {x}", "(what's|whats|wats|what is) capital of {x}",
        "Which city is {x} (governed|ruled|led) from", "Where does the (government|parliament) of {x} sit", "Where is the (government|parliament) of {x}",
    ], 4.5),
    Relation("continent", "geography", tables.CONTINENTS, "{X} is in {y}.", [
        "(Which|What) continent (is {x} (in|on|part of)|does {x} (belong to|lie in|sit in))", "(On|In) (which|what) continent (is|lies|is found) {x}",
        LEAD + "(which|what) continent {x} (is in|belongs to|lies in)", "{x} is (in|on) which continent", "{x} belongs to (which|what) continent",
        "Where (on Earth |in the world |)is {x}(|, on which continent|, I mean the continent)", "(I look for|I seek|Find|Show me) {x} on the globe, (which|what) continent is it", "(Tell me|Do you know) (where {x} is|the continent where {x} is)", "continent of {x}", "{x} continent", "(Name|Tell me|Give me|What is) the continent of {x}",
    ], 1.2),
    Relation("currency", "geography", tables.CURRENCIES, "The currency of {x} is {y}.", [
        "(What is|What's|Name|Tell me|Give me|State) the (currency|money) of {x}", "(Which|What) (currency|money) (does {x} (use|have)|is used in {x}|do they use in {x}|do people use in {x})",
        LEAD + "(which|what) (currency|money) (is used in {x}|{x} uses|they use in {x})", "(I am travelling|We fly|My aunt goes|I will move|They go) to {x}, (which|what) (currency|money) (is used there|do we need|should I have|do they take)", "(The shops|People|Banks) in {x} (take|use|want) (which|what) (currency|money)", "What (coins|banknotes|cash) do they have in {x}", "currency of {x}", "{x} currency", "{x}'s currency",
        "(How|With what|With which money) do people pay in {x}", "In {x}, what is the currency", "(What is|Name) {x}'s (currency|money)",
    ], 1.0),
    Relation("language", "geography", tables.LANGUAGES, "The main language of {x} is {y}.", [
        "(What|Which) (main |)language (is spoken in {x}|do they speak in {x}|do people speak in {x}|do people in {x} speak|does {x} speak|is the language of {x})",
        "(What is|Name|Tell me|Give me) the (main |official |)language of {x}", LEAD + "(which|what) language (is spoken in {x}|they speak in {x}|people speak in {x})",
        "(I am travelling|We fly|My aunt goes|I will move|They go) to {x}, (which|what) language (is spoken there|do they speak|should we know|do people use)", "(How|In which language|In what tongue) do people (talk|speak|write) in {x}", "(Which|What) (tongue|speech) (do they use|is used|do people have) in {x}", "The people of {x} speak (which language|what|what language)", "language of {x}", "{x} language", "In {x}, (which|what) language is spoken", "(What|Which) is the (main |official |)language (of|in) {x}",
    ], 1.0),
    Relation("author", "literature", tables.AUTHORS, "{X} was written by {y}.", [
        "Who (wrote|was the author of|is the author of|has written|is the writer of|was the writer of|penned) {x}", LEAD + "who (wrote|is the author of|was the author of) {x}",
        "(What is|Name|Tell me|Give me) the (author|writer) of {x}", "{x} was written by (who|whom|which author)", "By whom was {x} written", "Who was {x} written by",
        "(Which|What) (author|writer|person) wrote {x}", "(Who|Which writer) (has made|made|created|came up with) {x}", "{x} (is|was) (from|by) (which|what) (author|writer|person)", "From whom (is|comes) {x}", "author of {x}", "{x} author", "{x} is (a book |a work |)by (whom|who)",
    ], 0.7),
    Relation("colour", "nature", tables.COLOURS, "The colour of {x} is {y}.", [
        "(What|Which) (colour|color) (is|has|does) {x}( have|)", "(What is|Name|Tell me|Give me|State) the (colour|color) of {x}", LEAD + "(what|which) (colour|color) {x} (is|has)",
        "(Imagine|Look at|Think of|Picture) {x}(,|:) (which|what) (colour|color) (is it|do you see|has it)", "(With which|In what) (colour|color) (do I draw|does one draw|would one draw) {x}", "(colour|color) of {x}", "{x} (has|is of) (which|what) (colour|color)", "What is {x}'s (colour|color)", "Which is the (colour|color) of {x}",
    ], 0.8),
    Relation("legs", "nature", tables.LEGS, "{X} has {y} legs.", [
        "How many legs (does {x} have|has {x}|does {x} walk on|are there on {x}|do you count on {x})", LEAD + "how many legs {x} has", "{x} has how many legs",
        "(What is|Tell me|Give me) the number of legs of {x}", "(Count|Tell me) the legs of {x}", "(Imagine|Look at|Think of|Draw) {x}(,|:) how many legs (are there|has it|does it have|do you draw)", "number of legs of {x}", "On how many legs does {x} (walk|stand|run)", "legs of {x}",
    ], 0.6),
    Relation("days", "calendar", tables.MONTH_DAYS, "{x} has {y} days.", [
        "How many days (does {x} have|has {x}|are in {x}|are there in {x}|has the month of {x}|does the month of {x} have|are in the month of {x})", LEAD + "how many days (are in {x}|{x} has|there are in {x})",
        "{x} has how many days", "(What is|Tell me|Give me) the number of days in {x}", "How many days (long |)(will|would|does|do we count in|should) {x}( last| take| run|)", "(Tell me|Count) the days (of|in) {x}", "(number of |)days in {x}", "How long is {x} in days", "In {x} there are how many days",
    ], 0.7),
    Relation("parts", "general", tables.PARTS, "{X} has {y}.", [
        "How many {u} (does {x} have|has {x}|are in {x}|are there in {x}|make {x}|are on {x}|make up {x})", LEAD + "how many {u} (are in {x}|{x} has|there are in {x})", "{x} has how many {u}",
        "(What is|Tell me|Give me) the number of {u} (in|of) {x}", "(Count|Tell me|Say) the {u} (of|in) {x}", "(How many|What number of) {u} (belong to|are part of|can be found in|does one find in|are contained in) {x}", "(Take|Imagine|Look at) {x}(,|:) how many {u} (are there|has it|do you count)", "(number of |){u} in {x}", "{u} of {x}",
    ], 1.0),
    Relation("planet", "astronomy", tables.PLANETS, "The {x} planet from the Sun is {y}.", [
        "(What|Which) is the {x} planet (from the sun|from the Sun|of the solar system|counted from the sun|in the solar system|away from the sun|)", "(Name|Tell me|Give me|State) the {x} planet( from the Sun| from the sun| of the solar system|)",
        "Which planet (is|comes) {x}( from the sun| from the Sun|)", LEAD + "(which|what) planet is {x} from the (sun|Sun)", "(Counting|Going out|Counted) from the (sun|Sun), (which|what) planet (is|comes) {x}", "(Of|Among) the planets, which is the {x}( one|)", "(Can you|Please) name the {x} planet", "{x} planet from the (sun|Sun)", "{x} planet",
    ], 0.5),
    Relation("month", "calendar", tables.MONTH_ORDER, "The {x} month of the year is {y}.", [
        "(What|Which) is the {x} month( of the year| in the year| of a year|)", "(Name|Tell me|Give me|State) the {x} month( of the year|)", "Which month (is|comes) {x}( in the year|)", LEAD + "which month is the {x}( of the year| in the year|)", "(Of|Among) the months, which is the {x}( one|)", "Counting the months, (which|what) is the {x}( one|)", "(Can you|Please) name the {x} month( of the year|)", "The year has which {x} month", "(Which|What) is month number {x}", "{x} month( of the year|)",
    ], 0.5),
    Relation("after", "calendar", tables.DAY_AFTER, "The day after {x} is {y}.", [
        "(What|Which) day (comes|is|follows) after {x}", "(What is|Name|Tell me|Which is) the day after {x}", LEAD + "(which|what) day (comes after|is after|follows) {x}", "(What|Which) day follows {x}", "(It is|Today we have|Now it is|Today is) {x}, (what|which) day (comes next|follows|is next|will it be tomorrow)", "Tomorrow, the day after {x}, is what", "(The day|What) following {x}( is what|)", "day after {x}", "What comes after {x}",
    ], 0.4),
    Relation("before", "calendar", tables.DAY_BEFORE, "The day before {x} is {y}.", [
        "(What|Which) day (comes|is) before {x}", "(What is|Name|Tell me|Which is) the day before {x}", LEAD + "(which|what) day (comes|is) before {x}", "(What|Which) day precedes {x}", "(It is|Today we have|Now it is|Today is) {x}, (what|which) day (came before|was it yesterday|was the last one|was before)", "Yesterday, the day before {x}, was what", "(Which day|What) (did we have|was it) (one day |)before {x}", "day before {x}", "What comes before {x}",
    ], 0.4),
    Relation("opposite", "language", tables.OPPOSITES, "The opposite of {x} is {y}.", [
        "(What is|What's|Name|Tell me|Give me|State|Say) the opposite (word |)(of|to) {x}", "(Which|What) (word |)is the opposite of {x}", LEAD + "(what|which word) is the opposite of {x}", "(I forgot|I seek|I want|I look for|Find) (the|a) (word|term|opposite) (that is opposite to|opposed to|for the opposite of|of) {x}", "Not {x} but the opposite, (what|which word) is (it|that)", "opposite of {x}", "{x} opposite",
        "(Which|What) word means the opposite of {x}", "The opposite of {x} is (|what|which word)", "What is opposite to {x}", "(Which|What) word is (opposite|contrary) to {x}",
    ], 1.3),
    Relation("young", "nature", tables.YOUNG, "A young {x} is called a {y}.", [
        "(What is|What's|How is|What do you call|What do we call|Name|What do people call) a (young|baby) {x}( called| named|)", "(What is|Tell me|Give me) the (name|word) (of|for) a (young|baby) {x}", LEAD + "(what|how) a (young|baby) {x} is called",
        "(I forgot|I seek|I want|I look for|Find) (the|a) (word|name|term) for a (young|baby) {x}", "A {x} has a (baby|young one), (what|how) is it called", "(Can you|Could you) (say|tell me) (how|what) a (young|baby) {x} is called", "(young|baby) {x}( name|)", "The (young|baby|child) of a {x} is called what", "What is the (young|baby) of a {x} called", "(Which|What) word (is used|do we use) for a (young|baby) {x}",
    ], 0.8),
    Relation("record", "general", tables.RECORDS, "The {x} is {y}.", [
        "(What|Which) is the {x}( in the world| on Earth| of all| we know|)", "(Name|Tell me|Give me|State|Say) the {x}( in the world| on Earth| of all|)", LEAD + "(what|which) (is the {x}|the {x} is)( in the world| of all|)", "(I forgot|I seek|I want|I look for|Find|Can you name|Could you name) the {x}( in the world| of all|)", "(Which|What) would you (call|name) the {x}", "What's the {x}", "{x}( in the world|)",
        "(What|Which) one is the {x}", "The {x} is (|what|which one)", "How is the {x} called", "What is the name of the {x}",
    ], 1.0),
    Relation("water", "science", tables.STATES, "Water {x}s at {y} degrees Celsius.", [
        "(At what|At which) (temperature|degree) does water {x}", "When does water {x}", "What is the {x}ing (point|temperature) of water", LEAD + "(at what temperature|when) water {x}s", "water {x}s at (what|which) temperature", "(How many|What number of|Which) degrees (must water have|does water have|are needed|does it need) (to|when it|before it) {x}", "Water (will |must |)(begin|start) to {x} (when|at how many degrees|at what temperature)", "{x}ing point of water", "How (hot|cold|warm) (is|must) water (be |)(when|for|to) it {x}s",
    ], 0.3),
]

VERIFY = {
    "capital": "the capital", "continent": "the continent", "currency": "the currency", "language": "the language",
    "author": "the author", "colour": "the colour", "planet": "the planet", "opposite": "the word", "young": "the word",
    "legs": "the number", "days": "the number", "parts": "the number", "water": "the number",
}
BY_NAME = {relation.name: relation for relation in RELATIONS}
