"""Expert E, DePlot's encoder: charts and plots. Pix2Struct's at base size."""

from mova.config import MovaConfig
from mova.vision.experts.pix2struct import PatchEncoder


class Deplot(PatchEncoder):
    """A Pix2Struct-type encoder at the sizes of the section `deplot`."""

    def __init__(self, config: MovaConfig):
        super().__init__(config.deplot)
