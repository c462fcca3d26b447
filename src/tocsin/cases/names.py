"""What people call a case aloud: two calm words that its random id makes, and that say nothing about anybody.

The words were chosen one by one: weather, plants, tools of a kitchen, music, colours, shapes. None means an illness, a
weapon, death, prison, a body, a faith, a nation or a feeling, is an animal, which people use to insult, or a given
name; so no two of them together do.
"""

from hashlib import blake2b
from typing import Final
from uuid import UUID

_LIST: Final = """
acorn agenda album alcove alder almond alpine anchor anise antenna apple apricot apron arbor arcade arch archive arena
atlas atrium attic avenue avocado awning azure badge bakery balcony ballad balloon bamboo banner barley barn barrel
basin basket beach beacon bead beam bean beige bell bench berry birch biscuit blanket blossom book botany bottle
boulder bracelet bramble branch brass bread breeze brick bridge bronze brook buckle bulb button cabin cactus cafe cake
calendar canal candle canoe canopy canvas canyon caramel card cargo carnation carpet carrot cascade cashew cedar
celery cello ceramic chair chalk channel chapter chestnut chorus cider cinema cinnamon circle citrus clarinet clay
cloud cobalt coffee comet compass concert cookie copper cork corner cotton courtyard cove crayon cream creek crimson
crocus cube cup cupboard curtain cushion daffodil dance december delta denim desk dessert diary dinner dock dome door
drawer drizzle drum dune dusk easel echo elm engine envelope equator estuary evening fabric fairway farm feather
fennel ferry festival fiddle field filter fjord flannel flask flax fleece flint flour flower flute foam foil folder
forest fork fountain frame freesia frost fruit gable galaxy gallery garage garden garland garnet gazebo geyser glacier
glass globe glove gold gondola grain granite grape gravel grove guitar gully hammock harbor harp harvest hedge herb
hickory hill honey horizon hotel indigo inlet island jacket jam january jar jetty jigsaw juice jungle kayak kettle
keyboard kiosk kitchen kite ladder lagoon lake lamp lantern lapis larch lattice laundry lavender lawn leaf ledger
lemon lens lentil library lichen lighthouse lilac lime linen lobby lodge loom lumber lunch magnet mahogany maize mango
manor map maple marble margin market marsh mauve maze meadow menu meteor mint mirror mist mitten molasses monday moon
moraine morning mosaic moss mountain mulberry museum music mustard nectar nickel noon notebook nougat november nutmeg
oak oatmeal oboe ocean ochre october opera orbit orchard orchid oregano origami oven paddle palette palm panorama
pantry papaya paper paprika park parsley parsnip pasta pastel path patio pavilion pear pebble pecan pencil peony petal
petunia piano picnic pier pillow pine pistachio planet plaza pocket poem pollen pond poplar porch postcard pottery
prism pudding puddle pulley puzzle pyramid quartz quiche quilt quince radio raft rail rain raisin ramp raspberry
recipe reed reef ribbon rice ridge ripple river road roof rudder sail salad salt sand satchel satin saturday saucer
scarf scarlet scooter sequoia sesame shelf shore shovel silk silver skylight slate sleigh slope snow soap sofa sonata
song sorbet soup spice spinach spiral spoon spring spruce square stable stadium staircase station stone story stream
street sugar summit sunday sundial sunrise swing syrup table tambourine tangerine tapestry tarragon tea teal teapot
telescope terrace thicket thimble thursday thyme ticket tide tile timber toast topaz trail train tray tree trellis
tripod trolley trumpet tuesday tulip tundra turquoise twilight umbrella valley vanilla vase velvet veranda viaduct
village vinyl violin voyage waffle wagon walnut waltz water waterfall wave weather wednesday wharf wheat wheel window
wood wool xylophone yarn yogurt zephyr zinc
"""
WORDS: Final = tuple(_LIST.split())


def code_name(case: UUID) -> str:
    """Two words for a case, the same each time, and never twice the same word."""
    number = int.from_bytes(blake2b(case.bytes, digest_size=8).digest(), "big")
    first, rest = number % len(WORDS), number // len(WORDS)
    second = (first + 1 + rest % (len(WORDS) - 1)) % len(WORDS)
    return f"{WORDS[first]} {WORDS[second]}"
