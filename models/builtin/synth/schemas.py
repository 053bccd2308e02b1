"""What a context can say, and how one asks for each part of it."""

from dataclasses import dataclass, field


@dataclass
class Schema:
    slots: list
    says: list
    asks: dict
    held: dict
    spans: dict = field(default_factory=dict)
    """How the answer is cut from the sentence, where it is more than the bare slot."""


SCHEMAS = [
    Schema(["p", "thing"], ["{p} (owns|bought|has|sold|found|lost|repaired|painted) the {thing}", "the {thing} (belongs to|is owned by|was bought by) {p}", "the owner of the {thing} is {p}"],
           {"p": ["(Who|Which person) (owns|has|bought|holds) the {thing}", "Whose is the {thing}", "(Tell me|Say|Do you know) who (owns|has|bought) the {thing}", "To whom does the {thing} belong", "(Who is|Name|Tell me) the owner of the {thing}", "the {thing} belongs to whom", "Who does the {thing} belong to"],
            "thing": ["What does {p} (own|have)", "(Which|What) thing does {p} own", "What (belongs to|is owned by) {p}", "(Tell me|Say) what {p} (owns|has)"]},
           {"p": ["What is the name of the person who owns the {thing}", "Do we know to whom the {thing} belongs", "Who would be the owner of the {thing}"], "thing": ["What is it that {p} owns", "Which object is in the possession of {p}"]},
           {"thing": "the {thing}"}),
    Schema(["place", "time"], ["the {place} opens at {time}", "the {place} is open from {time}", "opening time of the {place} is {time}"],
           {"time": ["(When|At what time|At which time|What time) does the {place} open", "(When|From when) is the {place} open", "(Tell me|Say|Do you know) when the {place} opens", "the {place} opens when", "(What is|Give me) the opening time of the {place}"]},
           {"time": ["From what time on can I visit the {place}", "At which hour does the {place} open its doors", "When will the {place} be open"]}),
    Schema(["place", "time"], ["the {place} closes at {time}", "the {place} is closed from {time}", "closing time of the {place} is {time}"],
           {"time": ["(When|At what time|At which time|What time) does the {place} close", "(Tell me|Say|Do you know) when the {place} closes", "the {place} closes when", "(What is|Give me) the closing time of the {place}"]},
           {"time": ["By what time do I have to leave the {place}, when does it close", "At which hour does the {place} close its doors"]}),
    Schema(["event", "t"], ["the {event} (takes place|is held|is|will be) in {t}", "they hold the {event} in {t}"],
           {"t": ["Where (does the {event} take place|is the {event}|is the {event} held|will the {event} be)", "In (which|what) (town|city|place) is the {event}", "(Tell me|Say|Do you know) where the {event} (is|takes place)", "(Which|What) (town|city) hosts the {event}", "the {event} is where"]},
           {"t": ["To which town do I travel for the {event}", "What is the place of the {event}", "In which city are they holding the {event}"]}),
    Schema(["event", "date"], ["the {event} (is on|takes place on|starts on|was on|will be on) {date}", "the date of the {event} is {date}"],
           {"date": ["(When|On what date|On which day|What day) (is|was|will be) the {event}", "When does the {event} (take place|start|begin)", "(What is|Give me|Tell me) the (date|day) of the {event}", "(Tell me|Say|Do you know) when the {event} (is|takes place|was)", "the {event} is when"]},
           {"date": ["For which date is the {event} planned", "Which day should I keep free for the {event}", "Do we know the date of the {event}"]}),
    Schema(["event", "time"], ["the {event} (starts|begins) at {time}", "the start of the {event} is at {time}"],
           {"time": ["(When|At what time|What time) does the {event} (start|begin)", "(Tell me|Say|Do you know) when the {event} (starts|begins)", "(What is|Give me) the starting time of the {event}", "the {event} starts when"]},
           {"time": ["At which hour will the {event} start", "What time should I be there for the {event}"]}),
    Schema(["thing", "n"], ["the {thing} costs {n} (euros|dollars)", "the price of the {thing} is {n} (euros|dollars)", "you pay {n} (euros|dollars) for the {thing}"],
           {"n": ["(How much|What) (does the {thing} cost|is the {thing}|costs the {thing})", "(What is|Give me|Tell me) the price of the {thing}", "(Tell me|Say|Do you know) (how much|what) the {thing} costs", "How (expensive|dear) is the {thing}", "(What do|How much do) (I|you|we) pay for the {thing}", "the {thing} costs how much"]},
           {"n": ["What must I pay to get the {thing}", "For how much is the {thing} sold", "What price does the {thing} have"]}),
    Schema(["p", "f"], ["{p} works (at|for) {f}", "{p} is employed (at|by) {f}", "{f} (employs|hired) {p}"],
           {"f": ["(Where|At which company|For whom|For which firm) does {p} work", "(Which|What) (company|firm) (does {p} work for|employs {p}|hired {p})", "Who employs {p}", "(Tell me|Say|Do you know) where {p} works", "{p} works where"],
            "p": ["Who (works|is employed) (at|for|by) {f}", "(Tell me|Say|Do you know) who works (at|for) {f}", "(Whom|Who) does {f} employ", "(Which person|Who) was hired by {f}"]},
           {"f": ["What is the name of the firm where {p} works", "At what company is {p} employed"], "p": ["Which person is working for {f}", "What is the name of the person working at {f}"]}),
    Schema(["p", "t"], ["{p} lives in {t}", "{p} (moved to|comes from|was born in|is from) {t}", "the home of {p} (is|is in) {t}"],
           {"t": ["(Where|In which town|In what city|In which city) does {p} live", "Where is {p} (from|at home|living)", "(Tell me|Say|Do you know) where {p} lives", "(Which|What) (town|city) does {p} (live in|come from)", "{p} lives where", "Where does {p} come from", "(What is|Name) the home of {p}"],
            "p": ["Who (lives in|is from|comes from|moved to) {t}", "(Tell me|Say|Do you know) who lives in {t}"]},
           {"t": ["In which place can I find the home of {p}", "What town is {p} living in"], "p": ["Which person has a home in {t}", "Who is it that lives in {t}"]}),
    Schema(["n", "items", "place"], ["there are {n} {items} in the {place}", "the {place} has {n} {items}", "we (counted|saw|have) {n} {items} in the {place}"],
           {"n": ["How many {items} (are in|are there in|does one find in|did we count in|stand in) the {place}", "How many {items} does the {place} have", "(Tell me|Say|Do you know) how many {items} are in the {place}", "(What is|Give me|) the number of {items} in the {place}"],
            "items": ["What are there {n} of in the {place}", "Of what does the {place} have {n}"]},
           {"n": ["What number of {items} is in the {place}", "How many {items} would I count in the {place}"], "items": ["What does the {place} have {n} of"]}),
    Schema(["place", "code"], ["the code (of|for) the {place} is {code}", "the {place} has the code {code}", "use the code {code} (for|in) the {place}", "the number of the {place} is {code}"],
           {"code": ["(What is|Give me|Tell me|What's|I need) the (code|number) (of|for) the {place}", "(Which|What) (code|number) (opens|has|belongs to) the {place}", "(Tell me|Say|Do you know) (what|which) the code of the {place} is", "code of the {place}"]},
           {"code": ["Which code do I have to use for the {place}", "What digits open the {place}"]}),
    Schema(["p", "job", "place"], ["{p} is the {job} of the {place}", "the {job} of the {place} is {p}", "the {place} has {p} as its {job}", "{p} became the {job} of the {place}"],
           {"p": ["Who is the {job}", "Who is the {job} of the {place}", "(What is|Tell me|Give me) the name of the {job}", "(Tell me|Say|Do you know) who the {job} (of the {place} |)is", "the {job} of the {place} is who", "(Which person|Who) (works as|became|is) the {job}"],
            "job": ["What is {p}", "What is the job of {p}", "(What|Which) job does {p} (have|do)", "(Tell me|Say) what {p} is", "(As what|What) does {p} work as"]},
           {"p": ["Which person is the {job} of the {place}", "Who holds the post of {job}"], "job": ["What does {p} do for a living", "What position does {p} have"]}),
    Schema(["thing", "w"], ["the {thing} is (called|named) {w}", "the name of the {thing} is {w}", "they call the {thing} {w}"],
           {"w": ["(What is|What's|Tell me|Give me) the name of the {thing}", "(How|What) is the {thing} (called|named)", "(Tell me|Say|Do you know) (how|what) the {thing} is called", "What do they call the {thing}", "the {thing} is called (what|how)"]},
           {"w": ["Which name does the {thing} have", "By what name do they know the {thing}"]}),
    Schema(["place", "colour"], ["the {place} is (painted |){colour}", "the colour of the {place} is {colour}", "the door of the {place} is {colour}"],
           {"colour": ["(What|Which) (colour|color) (is|has) (the|the door of the) {place}", "(What is|Tell me|Give me) the (colour|color) of the {place}", "(Tell me|Say|Do you know) (what|which) colour the {place} (is|has)"]},
           {"colour": ["In which colour is the {place} painted", "What color would you say the {place} is"]}),
    Schema(["p", "q", "time"], ["{p} (meets|calls|visits|sees) {q} at {time}"],
           {"q": ["(Whom|Who) does {p} (meet|call|visit|see)", "(Tell me|Say) (whom|who) {p} (meets|visits|calls)", "Who (is met|is visited|is called) by {p}"],
            "time": ["(When|At what time) does {p} (meet|call|visit|see) {q}", "(Tell me|Say|Do you know) when {p} (meets|visits|calls) {q}", "(When|At what time) is {q} (met|visited|called|seen)"],
            "p": ["Who (meets|calls|visits|sees) {q}", "(Tell me|Say) who (meets|visits|calls) {q}"]},
           {"q": ["Which person is {p} going to meet"], "time": ["At which hour does {p} meet {q}"], "p": ["Which person is going to meet {q}"]}),
    Schema(["p", "w", "date"], ["{p} (founded|started|created|opened) {w} (on|in) {date}", "{w} was (founded|started|created|opened) by {p} (on|in) {date}"],
           {"p": ["Who (founded|started|created|opened) {w}", "(Tell me|Say|Do you know) who (founded|created|started) {w}", "By whom was {w} (founded|created|opened)", "(Who is|Name) the founder of {w}"],
            "date": ["When (was {w} founded|did {p} found {w}|was {w} started|was {w} created|was {w} opened)", "(Tell me|Say|Do you know) when {w} was (founded|created|opened)", "(In which year|On what date) was {w} (founded|created)"],
            "w": ["What did {p} (found|start|create|open)", "(Tell me|Say) what {p} (founded|created|started)"]},
           {"p": ["Which person is the founder of {w}", "Who was it that founded {w}"], "date": ["Since when does {w} exist, when was it founded"], "w": ["What is the thing that {p} founded"]}),
    Schema(["place", "mail"], ["the (address|contact|mail) of the {place} is {mail}", "write to {mail} (for|about) the {place}"],
           {"mail": ["(What is|Give me|Tell me|I need) the (address|contact|mail) of the {place}", "(Whom|Where) do I (write|contact|ask) (for|about) the {place}", "How do I (reach|contact) the {place}"]},
           {"mail": ["At which address can I reach the {place}", "Who is my contact for the {place}"]}),
    Schema(["p", "items"], ["{p} (sells|grows|likes|collects|buys) {items}", "the {items} (are from|are of) {p}"],
           {"items": ["What does {p} (sell|grow|like|collect|buy)", "(Tell me|Say|Do you know) what {p} (sells|likes|collects|buys)", "(Which|What) things does {p} (sell|collect|like)"],
            "p": ["Who (sells|grows|likes|collects|buys) {items}", "(Tell me|Say|Do you know) who (sells|likes|collects) {items}"]},
           {"items": ["What is it that {p} likes to buy or sell", "Which goods does {p} have"], "p": ["Which person sells or likes {items}", "From whom can I get {items}"]}),
    Schema(["t", "n", "w"], ["{w} is {n} kilometers from {t}", "it is {n} kilometers from {t} to {w}", "{t} and {w} are {n} kilometers apart"],
           {"n": ["How (far|many kilometers) is (it from {t} to {w}|{w} from {t}|it to {w})", "(What is|Tell me) the distance (from {t} to {w}|of {t} and {w}|between {t} and {w})", "(Tell me|Say) how far {w} is from {t}"]},
           {"n": ["What distance do I travel from {t} to {w}", "How long is the way from {t} to {w} in kilometers"]},
           {"n": "{n} kilometers"}),
]
