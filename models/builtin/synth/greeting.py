"""Greetings, thanks and questions about the model itself."""

from .heldout_forms import FORMS, held_out
from .item import Item
from .phrase import choose, typed

ANSWERS = {
    "hello": "Hello! How can I help you?",
    "who": "I am the built-in demonstration model of Synesis.",
    "thanks": "You are welcome.",
    "bye": "Goodbye!",
    "how": "I am well, thank you. How can I help you?",
    "can": "I can state basic facts, do small sums, convert units and find answers in a given context.",
}
TRAINED = {
    "hello": ["(Hello|Hi|Hey|Hey there|Hi there|Hello there|Good morning|Good evening|Good afternoon|Good day|Greetings|Howdy|Welcome|Hallo|Hello again|Hi again|Morning|Yo|Hiya|Hello hello)(| Synesis| assistant| computer| friend| you| everyone| model| dear assistant| my friend| robot| machine)(|!|.| there)", "(I wanted to say|Just saying|I say|Let me say) (hello|hi)", "(nice|good|glad|happy|pleased) to (meet|see) you", "(hello|hi), (it is me|it's me|I am here|anybody there|are you there)"],
    "who": ["(Who|What) are you(| exactly| really| actually| then)", "(What is|What's|Tell me) your name", "(Which|What) (model|system|program|assistant|AI|bot) (are you|am I talking to|is this)", "Are you (a robot|a human|a person|a machine|an AI|a model|real|ChatGPT|a large model|Claude|a computer|alive)", "(Introduce|Present|Describe) yourself", "(Tell me|Say) (who you are|what you are|about yourself|something about you|your name)", "(Who|What) (am I talking to|is speaking|is this|made you|built you|is answering)", "Do you have a name", "How are you called", "Do you know who you are", "(With whom|With what) am I (speaking|talking)"],
    "thanks": ["(Thanks|Thank you|Many thanks|Thanks a lot|Thank you very much|Thanks so much|Thank you so much|Cheers|Thx|Ta|Much obliged|Thanks a million|Thank you kindly)(|!|, that helps|, great|, perfect|, that was good|, good work| for the help| for your help| for the answer| for this| Synesis| for everything| for that|, that is all I need|, well done)", "(That was|This was|That is) (helpful|great|very kind|nice), (thanks|thank you)", "I (thank you|appreciate it|appreciate that|am thankful|owe you thanks|want to thank you)", "(Great|Perfect|Good|Nice|Wonderful), (thanks|thank you)"],
    "bye": ["(Bye|Goodbye|Good bye|Bye bye|See you|See you later|See you soon|See you tomorrow|Farewell|Good night|So long|Until next time|Take care|Ciao|Later|Have a nice day|Talk to you later)(|!| Synesis| then| now| for now| assistant| my friend|, friend|, take care)", "I (have to go|must go|am leaving|am going|am off|will leave)(| now|, bye|, goodbye|, see you)", "That is all(| for today| for now), (bye|goodbye|good night)"],
    "how": ["How (are you|are you doing|do you do|is it going|do you feel|are you feeling|goes it|is life|is everything|is your day)(| today| now| this morning| then| these days)", "(Hello|Hi|Hey), how are you(| today| doing)", "Are you (well|fine|ok|okay|alright|good)(| today)", "(Everything|All) (well|fine|good|ok)(| with you| today)", "What's up", "How do things go"],
    "can": ["(What|Which things) can (you do|you help with|you do for me|I ask you|I ask|you answer)(| today| for me|)", "(What|Which) (tasks|questions|things|jobs) (can you do|do you know|can you answer|can you handle|do you do|can I ask)", "(How can|How do) you help(| me)", "What (are you able to do|do you know|are you good at|are your skills|are you for|is your purpose|do you do)", "(List|Tell me|Show me|Describe) (your skills|what you can do|your abilities|your functions|what you know)", "help", "What is it you can do"],
}


def known(rng, held=False):
    kind = rng.choice(list(ANSWERS))
    while True:
        if held:
            text = rng.choice(FORMS[kind]) + rng.choice(["", "."] if kind in ("hello", "thanks", "bye") else ["?"])
        else:
            ask = kind in ("who", "how", "can")
            text = choose(rng, rng.choice(TRAINED[kind]))
            text = typed(rng, text, ask, plain=0.85) if ask else rng.choice([text, text, text + ".", text + "!", text.lower()])
            if held_out(text):
                continue
        return Item("greeting", "greeting", kind, text, ANSWERS[kind])
