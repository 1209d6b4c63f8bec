"""The closed vocabulary written in the pictures: common words, nearly all one token to the language model."""


def listed(words: str) -> list[str]:
    """The words of a line."""
    return words.split()


NAMES = listed(
    "Anna Peter Maria John Lucy David Emma Paul Laura Mark Sarah Tom Alice Robert Julia Simon Helen Oliver "
    "Nina Victor Rosa Martin Clara Adam Diana Oscar Eva Felix Grace Henry Kate Leo Max Ruth Sam Sofia Hugo "
    "Ben Carl Ella George James Karen Linda Susan Daniel Michael Thomas"
)
SURNAMES = listed(
    "Smith Brown Miller Wilson Moore Taylor Clark Lewis Walker Young King Wright Hill Baker Adams Carter "
    "Turner Parker Evans Collins Cook Bell Cooper Fox"
)
CITIES = listed(
    "London Paris Berlin Rome Madrid Vienna Boston Chicago Dublin Oslo Prague Tokyo Sydney Toronto Athens "
    "Cairo Lisbon Geneva Denver Dallas Miami Seattle Moscow Delhi Warsaw Lima Havana Zurich Milan Venice "
    "Naples Hamburg Munich Oxford Bristol York"
)
MONTHS = listed("January February March April May June July August September October November December")
GOODS = listed(
    "coffee tea bread apples books paper lamp chair table shoes shirt pens milk cheese eggs rice fish cake "
    "soap hat coat clock phone camera bike guitar flowers wine water gloves"
)
TOPICS = listed("City Farm School Water Energy Music Food Winter Summer Book Fruit Trade Garden Sport Car")
MEASURES = listed("Sales Prices Costs Income Visitors Points Report Traffic Budget Games Rain Growth")
CATEGORIES = (
    listed("tea milk rice fish corn"),
    listed("cats dogs birds cows pigs"),
    listed("cars bikes boats trains buses"),
    listed("red blue green pink gray"),
    listed("north south east west"),
    listed("Mon Wed Fri Sat Sun"),
    listed("Jan Feb Mar Apr May June July"),
    listed("rain snow sun wind"),
    listed("gold oil gas wood"),
    listed("Anna Ben Carl Emma Leo Max"),
)
ROADS = listed("Street Road Lane Square Park")
ROAD_NAMES = listed(
    "King Queen Church Mill Station Market School Garden Hill River Bridge Oxford London Rose Baker"
)
SHOPS = listed("Bank Hotel Museum Market Library Pharmacy Station School Hospital Police Zoo Bar Books Music")
COMMANDS = listed("Stop Exit Open Closed Push Pull Start Save Send Play Next Help Slow Wait")
EVENTS = listed("Music Dance Sport Film Book Food Art Chess Garden Jazz")
DAYS = listed("Monday Tuesday Friday Saturday Sunday Today")
BANNED = listed("Dogs Smoking Entry Cars Food Fishing")
STAMPS = listed("Draft Copy Final New Secret Sold Approved Sent")
NOTES = listed("Check Good Wrong Old New Draft Final Copy Best")
# Words the language model cuts in two: they are drawn wider, so that each part has a cell of its own.
SPLIT_WORDS = ("Invoice", "Receipt", "Ticket")


# Pairs that stand beside each other on a picture, made by `pick_pair`.
PAIRED = ((NAMES, SURNAMES), (TOPICS, MEASURES), (ROAD_NAMES, ROADS), (NAMES, SHOPS), (EVENTS, DAYS))


def pick_pair(rng, first: list[str], second: list[str], split: str) -> tuple[str, str]:
    """Two words; every fifth pair is kept for testing, where three in four pairs are such."""
    wanted = split == "test" and rng.random() < 0.75
    while True:
        i, j = rng.randrange(len(first)), rng.randrange(len(second))
        if _kept(i, j) == wanted:
            return first[i], second[j]


def is_kept_apart(a: str, b: str) -> bool:
    """Whether two words that stand side by side are a pair that no training picture shows."""
    for first, second in PAIRED:
        for x, y in ((a, b), (b, a)):
            if x in first and y in second:
                return _kept(first.index(x), second.index(y))
    return False


def _kept(i: int, j: int) -> bool:
    return (i + 2 * j) % 5 == 0


def number(rng, digits: int) -> str:
    """A number of so many digits, not starting with 0."""
    return str(rng.randrange(10 ** (digits - 1), 10**digits))


def article(noun: str) -> str:
    """The noun with a or an."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
