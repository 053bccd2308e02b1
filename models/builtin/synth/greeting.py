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
    "hello": ["(Hello|Hi|Hey|Hey there|Hi there|Hello there|Good morning|Good evening|Good afternoon|Good day|Greetings|Howdy|Welcome|Hallo|Hello again|Hi again|Morning|Yo|Hiya|Hello hello)(| Synesis| assistant| computer| friend| you| everyone| model| dear assistant| my friend| robot| machine)(|!|.| there)", "(I wanted to say|Just saying|I say|Let me say) (hello|hi)", "(hello|hi|hey)(,| and| there,|!) (nice|good|glad|lovely|great) to (meet|see|have|find) you( here| again| today|)", "(nice|good|glad|happy|pleased) to (meet|see) you", "(hello|hi), (it is me|it's me|I am here|anybody there|are you there)"],
    "who": ["(Who|What) are you(| exactly| really| actually| then)", "(What is|What's|Tell me) your name", "(Which|What) (model|system|program|assistant|AI|bot) (are you|am I talking to|is this)", "Are you (a robot|a human|a person|a machine|an AI|a model|real|ChatGPT|a large model|Claude|a computer|alive)", "(Introduce|Present|Describe) yourself", "(Tell me|Say) (who you are|what you are|about yourself|something about you|your name)", "(Who|What) (am I talking to|is speaking|is this|made you|built you|is answering)", "(Which|What) (sort|type|kind) of (machine|software|assistant|thing|model|being|tool) are you", "(Tell me|Say|Explain) (precisely|exactly|briefly|in one line) (who|what) you are", "(Who|What) (precisely|really|actually|in truth) are you", "Please (introduce|present) yourself( to me|)", "(Would you|Will you|Can you) (introduce|present|describe) yourself", "Do you have a name", "How are you called", "Do you know who you are", "(With whom|With what) am I (speaking|talking)"],
    "thanks": ["(Thanks|Thank you|Many thanks|Thanks a lot|Thank you very much|Thanks so much|Thank you so much|Cheers|Thx|Ta|Much obliged|Thanks a million|Thank you kindly)(|!|, that helps|, great|, perfect|, that was good|, good work| for the help| for your help| for the answer| for this| Synesis| for everything| for that|, that is all I need|, well done)", "(That was|This was|That is) (helpful|great|very kind|nice), (thanks|thank you)", "(Thanks|Thank you), (that|this|it) (was|is) (really |very |so |)(useful|good|nice|kind|right)", "(I am|I'm) (very |so |)(thankful|obliged|glad, thanks|happy, thank you)", "I (thank you|appreciate it|appreciate that|am thankful|owe you thanks|want to thank you)", "(Great|Perfect|Good|Nice|Wonderful), (thanks|thank you)"],
    "bye": ["(Bye|Goodbye|Good bye|Bye bye|See you|See you later|See you soon|See you tomorrow|Farewell|Good night|So long|Until next time|Take care|Ciao|Later|Have a nice day|Talk to you later)(|!| Synesis| then| now| for now| assistant| my friend|, friend|, take care)", "I (have to go|must go|am leaving|am going|am off|will leave)(| now|, bye|, goodbye|, see you)", "(I need to|I will|I should|Time to) (go|leave|sleep|run|stop here)(| now|, goodbye|, bye bye|, see you soon)", "(That is it|We are done|I am done|Enough)(| for today| for now), (bye|goodbye|see you)", "That is all(| for today| for now), (bye|goodbye|good night)"],
    "how": ["How (are you|are you doing|do you do|is it going|do you feel|are you feeling|goes it|is life|is everything|is your day)(| today| now| this morning| then| these days)", "(Hello|Hi|Hey), how are you(| today| doing)", "Are you (well|fine|ok|okay|alright|good)(| today)", "(Everything|All) (well|fine|good|ok)(| with you| today)", "How (goes|was|is|has) your (day|morning|week|evening)(| so far| going| been going)", "(Was|Is) your (day|week|morning|weekend) (good|nice|fine|pleasant)", "How (have|did) you (been|been doing|slept|feel)", "How (is|are) (it|life|things|everything) (going|doing|today)( with you|)", "What's up", "How do things go"],
    "can": ["(What|Which things) can (you do|you help with|you do for me|I ask you|I ask|you answer)(| today| for me|)", "(What|Which) (tasks|questions|things|jobs) (can you do|do you know|can you answer|can you handle|do you do|can I ask)", "(How can|How do) you help(| me)", "What (are you able to do|do you know|are you good at|are your skills|are you for|is your purpose|do you do)", "(List|Tell me|Show me|Describe) (your skills|what you can do|your abilities|your functions|what you know)", "(What|Which) (kind|kinds|type|range) of (tasks|questions|work|things) (do you handle|are for you|can one give you|fit you|do you know)", "(Which|What) (are|is) (the tasks|the things) you (can do|know|handle)", "(Tell me|Explain) how you can (help|be of use)", "help", "What is it you can do"],
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
