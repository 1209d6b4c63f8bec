"""What is said of the one that is above or below all the others, built so that its parts decide which.

"outdoes all the others" and "is outdone by all the others" differ in their voice alone, "is above the rest"
and "is below the rest" in a preposition: whoever is to hear the difference must meet both, of many words.
"""

import random

# Third person, infinitive, participle.
OUTDO = tuple(
    tuple(forms.split("/")) for forms in (
        "outdoes/outdo/outdone", "exceeds/exceed/exceeded", "surpasses/surpass/surpassed", "tops/top/topped",
        "outstrips/outstrip/outstripped", "overtakes/overtake/overtaken", "outranks/outrank/outranked",
        "eclipses/eclipse/eclipsed", "dwarfs/dwarf/dwarfed", "outweighs/outweigh/outweighed",
        "outclasses/outclass/outclassed", "defeats/defeat/defeated", "outshines/outshine/outshone",
        "overshadows/overshadow/overshadowed", "outperforms/outperform/outperformed",
        "outscores/outscore/outscored", "dominates/dominate/dominated", "trumps/trump/trumped",
        "conquers/conquer/conquered", "overpowers/overpower/overpowered", "outruns/outrun/outrun",
        "outgrows/outgrow/outgrown", "overwhelms/overwhelm/overwhelmed", "vanquishes/vanquish/vanquished",
        "outplays/outplay/outplayed", "outpaces/outpace/outpaced", "crushes/crush/crushed",
        "bests/best/bested", "overcomes/overcome/overcome", "betters/better/bettered",
    )
)  # fmt: skip
OTHERS = (
    "all the others", "all others", "every other", "everything else", "everyone else", "the rest",
    "all the rest", "each of the others", "the other {ps}", "the remaining ones", "all the other {ps}",
    "every other {p}", "the whole rest", "all of the others", "the others",
)  # fmt: skip
ANY = ("any other", "any of the others", "anything else", "any other {p}", "a single other", "anyone")
PLACES = (
    ("above", "over", "ahead of", "in front of", "beyond", "on top of", "superior to", "before",
     "further up than", "out of reach for", "up above", "in advance of"),
    ("below", "under", "beneath", "after", "in the rear of", "inferior to", "underneath", "at the feet of",
     "further down than", "short of", "down below", "in the shadow of", "at the tail of"),
)  # fmt: skip
COMPARED = (
    ("higher", "larger", "bigger", "taller", "greater", "stronger", "better", "longer", "richer"),
    ("lower", "smaller", "shorter", "lesser", "weaker", "worse", "tinier", "poorer", "more modest"),
)
# One word, or two, that say it without the others.
ALONE = (
    ("wins", "soars", "excels", "triumphs", "prevails", "dominates", "towers", "reigns", "shines", "thrives",
     "flourishes", "booms", "overachieves", "pulls ahead", "races ahead", "runs first", "finishes first",
     "ends first", "comes first", "rules", "is ahead", "is in front", "is on top", "is fastest",
     "scores most", "conquers", "surges", "skyrockets"),
    ("lags", "loses", "slumps", "languishes", "struggles", "flounders", "fades", "crawls", "underperforms",
     "limps", "drags", "dawdles", "drops back", "falls back", "slips back", "runs last", "finishes last",
     "ends last", "comes last", "cannot keep up", "fails to keep up", "is left back", "is at the back",
     "is at the end", "is in the rear", "is slowest", "scores least", "sinks", "withers", "plods along"),
)  # fmt: skip


def contrasted(rng: random.Random, above: bool) -> str:
    """A predicate of the one that is above (or below) all others; {p} and {ps} stand for a chart's part."""
    shape = rng.random()
    acts, act, done = rng.choice(OUTDO)
    if shape < 0.25:
        return rng.choice(ALONE[not above])
    if shape < 0.45:
        return f"{acts} {rng.choice(OTHERS)}" if above else f"is {done} by {rng.choice(OTHERS)}"
    if shape < 0.58:
        none = rng.choice((f"is {done} by none", f"is not {done} by {rng.choice(ANY)}", f"is never {done}",
                           f"cannot be {done}", f"can {act} {rng.choice(OTHERS)}"))  # fmt: skip
        not_one = (f"{acts} none of the others", f"does not {act} {rng.choice(ANY)}", f"never {acts} another")
        return none if above else rng.choice(not_one)
    if shape < 0.64:
        others = rng.choice(OTHERS)
        return f"has {done} {others}" if above else f"has been {done} by {others}"
    if shape < 0.8:
        return f"is {rng.choice(PLACES[not above])} {rng.choice(OTHERS)}"
    if shape < 0.93:
        return f"is {rng.choice(COMPARED[not above])} than {rng.choice(OTHERS)}"
    there, other = ("below", "above") if above else ("above", "below")
    return rng.choice((f"has all others {there} it", f"has nothing {other} it", f"sees the rest {there} it",
                       f"has no other {other} it",
                       f"looks {'down on' if above else 'up to'} the rest"))  # fmt: skip
