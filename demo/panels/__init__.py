"""The right side, "How MoVA looked": one pure function of a trace for each panel, in the order they stand."""

from demo.panels.gate import GATE
from demo.panels.router import ROUTER
from demo.panels.time import TIME
from demo.panels.where import WHERE
from demo.panels.worth import WORTH

PANELS = (ROUTER, GATE, TIME, WHERE, WORTH)
