"""What is said of the one that is above or below all the others.

"outdoes all the others" and "is outdone by all the others" differ in their voice alone, "is above the rest"
and "is below the rest" in a preposition, and one verb may say all: whoever is to hear the difference must
meet many of each.
"""

import random

# Third person, infinitive, participle.
OUTDO = tuple(
    tuple(forms.split("/")) for forms in (
        "outdoes/outdo/outdone", "exceeds/exceed/exceeded", "surpasses/surpass/surpassed", "tops/top/topped",
        "outranks/outrank/outranked", "outperforms/outperform/outperformed", "betters/better/bettered",
        "outscores/outscore/outscored", "outstrips/outstrip/outstripped", "overtakes/overtake/overtaken",
        "eclipses/eclipse/eclipsed", "dwarfs/dwarf/dwarfed", "outclasses/outclass/outclassed",
        "defeats/defeat/defeated", "outshines/outshine/outshone", "overcomes/overcome/overcome",
        "overshadows/overshadow/overshadowed", "dominates/dominate/dominated", "trumps/trump/trumped",
        "conquers/conquer/conquered", "overpowers/overpower/overpowered", "outruns/outrun/outrun",
        "outgrows/outgrow/outgrown", "overwhelms/overwhelm/overwhelmed", "vanquishes/vanquish/vanquished",
        "outplays/outplay/outplayed", "outpaces/outpace/outpaced", "crushes/crush/crushed",
        "bests/best/bested", "outsells/outsell/outsold", "outweighs/outweigh/outweighed",
        "outearns/outearn/outearned", "outpoints/outpoint/outpointed", "edges out/edge out/edged out",
        "thrashes/thrash/thrashed", "routs/rout/routed", "subdues/subdue/subdued",
        "upstages/upstage/upstaged", "humbles/humble/humbled", "knocks out/knock out/knocked out",
        "sees off/see off/seen off", "puts to shame/put to shame/put to shame", "buries/bury/buried",
        "outsmarts/outsmart/outsmarted", "outbids/outbid/outbid", "overhauls/overhaul/overhauled",
        "passes/pass/passed", "overpasses/overpass/overpassed", "floors/floor/floored",
        "hammers/hammer/hammered", "swamps/swamp/swamped", "masters/master/mastered",
        "wins against/win against/won against",
    )
)  # fmt: skip
MODEST = 8  # of them, which may be denied: who is not crushed need not be the highest
OTHERS = (
    "all the others", "all others", "each other one", "the rest", "all the rest", "each of the others",
    "the other {ps}", "the remaining ones", "all the other {ps}", "every other {p}", "all of the others",
    "the others",
)  # fmt: skip
ANY = ("any other", "any of the others", "anything else", "any other {p}")
PLACES = (
    ("above", "over", "ahead of", "beyond", "on top of", "superior to", "further up than",
     "out of reach for"),
    ("below", "under", "beneath", "inferior to", "underneath", "at the feet of", "further down than",
     "in the shadow of"),
)  # fmt: skip
COMPARED = (
    ("higher", "larger", "bigger", "taller", "greater", "stronger", "better", "longer", "richer"),
    ("lower", "smaller", "shorter", "weaker", "worse", "tinier", "poorer", "more modest"),
)
# What says it of one alone.
ALONE = (
    ("wins", "excels", "triumphs", "prevails", "dominates", "towers", "reigns", "shines", "thrives",
     "flourishes", "overachieves", "runs first", "finishes first", "rules", "is ahead", "is on top",
     "scores most", "sets the pace", "is streets ahead", "is out in front", "is the pacesetter", "is king",
     "rules the roost", "steals the show", "carries the day", "sweeps the board", "is miles ahead",
     "takes pole position", "is unmatched", "runs away with it", "comes home first", "is far ahead"),
    ("lags", "loses", "languishes", "struggles", "flounders", "crawls", "underperforms", "limps", "drags",
     "dawdles", "runs last", "finishes last", "cannot keep up", "fails to keep up", "is slowest",
     "scores least", "plods along", "falls short", "drops back", "falls back", "is left in the dust",
     "takes the rear", "is nowhere near the others", "closes the field", "comes home last", "is an also-ran",
     "is out of the running", "limps in last", "sits in the cellar", "is left standing", "lags badly",
     "pales beside the others", "is in the rear", "cannot hold its own", "is outmatched", "hobbles along"),
)  # fmt: skip


def contrasted(rng: random.Random, above: bool) -> str:
    """A predicate of the one that is above (or below) all others; {p} and {ps} stand for a chart's part."""
    shape = rng.random()
    acts, act, done = rng.choice(OUTDO)
    others, other_one = rng.choice(OTHERS), rng.choice(ANY)
    if shape < 0.25:
        return rng.choice(ALONE[not above])
    if shape < 0.5:
        return f"{acts} {others}" if above else f"is {done} by {others}"
    if shape < 0.6:
        return f"has {done} {others}" if above else f"has been {done} by {others}"
    if shape < 0.74:
        return f"is {rng.choice(PLACES[not above])} {others}"
    if shape < 0.84:
        return f"is {rng.choice(COMPARED[not above])} than {others}"
    if shape < 0.92:
        acts, act, done = rng.choice(OUTDO[:MODEST])
        denied = (
            (f"is {done} by none", f"is not {done} by {other_one}", f"is never {done}") if above
            else (f"{acts} none of the others", f"does not {act} {other_one}", f"never {acts} another")
        )  # fmt: skip
        return rng.choice(denied)
    there, nowhere = ("below", "above") if above else ("above", "below")
    return rng.choice((
        f"has all others {there} it", f"has nothing {nowhere} it", f"sees the rest {there} it",
        f"has no other {nowhere} it", f"looks {'down on' if above else 'up to'} the rest",
    ))  # fmt: skip
