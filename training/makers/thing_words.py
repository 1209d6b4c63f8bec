"""Open lists of things: goods, dishes, subjects, groups that charts compare; and common English words."""

from training.pictures.words import listed

GOODS = (
    "Adapter", "Alarm Clock", "Apron", "Armchair", "Backpack", "Ballpoint Pens", "Baseball Cap", "Basket",
    "Bath Towel", "Battery", "Bed Sheet", "Belt", "Bicycle Pump", "Binder", "Blanket", "Blender", "Bookshelf",
    "Boots", "Bottle Opener", "Bowl", "Bracelet", "Broom", "Brush", "Bucket", "Cable", "Calculator",
    "Calendar", "Camera", "Candle", "Carpet", "Chain", "Charger", "Chess Set", "Clock", "Coat", "Comb",
    "Compass", "Cooking Pot", "Cotton Shirt", "Curtain", "Cushion", "Cutting Board", "Desk Lamp",
    "Dictionary",
    "Door Mat", "Drill", "Dress", "Drum", "Dumbbell", "Envelopes", "Eraser", "Fan", "File Folder",
    "Flashlight", "Flower Pot", "Folding Chair", "Football", "Frying Pan", "Garden Hose", "Glasses", "Gloves",
    "Glue", "Guitar Strings", "Hair Dryer", "Hammer", "Handbag", "Hat", "Headphones", "Heater", "Helmet",
    "Highlighter", "Ink Cartridge", "Iron", "Jacket", "Jeans", "Kettle", "Keyboard", "Knife", "Ladder",
    "Lamp", "Laptop Stand", "Light Bulb", "Lock", "Lunch Box", "Magnet", "Map", "Mattress", "Microphone",
    "Mirror", "Monitor", "Mouse Pad", "Mug", "Nails", "Necklace", "Notebook", "Office Chair", "Oven Glove",
    "Paint Brush", "Paper", "Pencil Case", "Phone Case", "Picture Frame", "Pillow", "Plate", "Pliers",
    "Postcard", "Power Bank", "Printer", "Puzzle", "Radio", "Raincoat", "Ring Binder", "Rope", "Router",
    "Rubber Boots", "Rucksack", "Rug", "Ruler", "Running Shoes", "Sandals", "Saucepan", "Saw", "Scarf",
    "Scissors", "Screwdriver", "Shampoo", "Shelf", "Shovel", "Shower Gel", "Skirt", "Sleeping Bag", "Soap",
    "Socks", "Speaker", "Sponge", "Stapler", "Stool", "Suitcase", "Sunglasses", "Sweater", "Table", "Tablet",
    "Tape Measure", "Teapot", "Tent", "Thermometer", "Tie", "Toaster", "Toothbrush", "Torch", "Towel",
    "Toy Car", "Trousers", "Umbrella", "USB Cable", "Vacuum Cleaner", "Vase", "Wallet", "Watch",
    "Watering Can", "Webcam", "Wool Socks", "Wrench",
)  # fmt: skip
FOODS = (
    "Almonds", "Apple Juice", "Apple Pie", "Apples", "Apricot Jam", "Bacon", "Bagel", "Baked Beans",
    "Bananas",
    "Beef Stew", "Beer", "Beetroot", "Biscuits", "Black Tea", "Blueberries", "Bread", "Broccoli", "Brownie",
    "Butter", "Cabbage", "Cappuccino", "Caesar Salad", "Carrots", "Cashews", "Cauliflower", "Celery",
    "Cereal", "Cheese", "Cheesecake", "Cherries", "Chicken Curry", "Chicken Soup", "Chilli", "Chocolate Cake",
    "Cider", "Cinnamon Roll", "Cocoa", "Coconut Milk", "Cod", "Coffee", "Cola", "Cookies", "Corn",
    "Crackers", "Cream", "Croissant", "Cucumber", "Dates", "Doughnut", "Dumplings", "Eggs", "Espresso",
    "Falafel", "Fish Soup", "Flour", "French Fries", "Fruit Salad", "Garlic", "Ginger Tea", "Goulash",
    "Grapes", "Green Salad", "Green Tea", "Grilled Fish", "Ham", "Hamburger", "Hazelnuts", "Honey",
    "Hot Chocolate", "Hummus", "Ice Cream", "Iced Tea", "Ketchup", "Lamb", "Lasagne", "Latte", "Leek",
    "Lemonade", "Lemons", "Lentil Soup", "Lettuce", "Lobster", "Macaroni", "Mango", "Margarine",
    "Mashed Potatoes", "Meatballs", "Melon", "Milk", "Mineral Water", "Mint Tea", "Muffin", "Mushrooms",
    "Mustard", "Noodles", "Oats", "Olive Oil", "Olives", "Omelette", "Onion Rings", "Onions", "Orange Juice",
    "Oranges", "Pancakes", "Parsley", "Pasta", "Peaches", "Peanut Butter", "Peanuts", "Pears", "Peas",
    "Pepper", "Pickles", "Pineapple", "Pizza", "Plums", "Popcorn", "Pork Chops", "Porridge", "Potato Salad",
    "Potatoes", "Pretzel", "Pudding", "Pumpkin Soup", "Radishes", "Raisins", "Raspberries", "Ravioli",
    "Red Wine", "Rice", "Risotto", "Roast Beef", "Salami", "Salmon", "Salt", "Sandwich", "Sausages", "Scones",
    "Shrimps", "Smoothie", "Soda", "Sour Cream", "Spaghetti", "Spinach", "Spring Rolls", "Steak",
    "Strawberries", "Sugar", "Sushi", "Tacos", "Tart", "Toast", "Tofu", "Tomato Soup", "Tomatoes", "Trout",
    "Tuna", "Turkey", "Vanilla Ice", "Vegetable Soup", "Vinegar", "Waffles", "Walnuts", "White Wine",
    "Yoghurt", "Zucchini",
)  # fmt: skip
SUBJECTS = (
    "Art", "Astronomy", "Biology", "Book Club", "Business English", "Ceramics", "Chemistry", "Chess",
    "Choir", "City Walk", "Computer Science", "Cooking Class", "Dance", "Drama", "Drawing", "Economics",
    "English", "Film Night", "First Aid", "Football", "French", "Gardening", "Geography", "German",
    "Gymnastics", "History", "Jazz Concert", "Judo", "Karate", "Law", "Literature", "Mathematics", "Medicine",
    "Museum Tour", "Music", "Painting", "Philosophy", "Photography", "Physics", "Piano Lesson", "Pilates",
    "Poetry Evening", "Pottery", "Project Planning", "Psychology", "Robotics", "Running Group", "Salsa",
    "Sculpture", "Singing", "Sociology", "Spanish", "Statistics", "Swimming", "Tennis", "Theatre",
    "Town Meeting", "Wine Tasting", "Woodwork", "Yoga",
)  # fmt: skip
TOPICS = listed(
    "Airport Apple Art Bakery Bank Beach Bicycle Bird Boat Book Bread Bridge Bus Business Butter Cable "
    "Camera "
    "Car Cargo Cheese Cinema City Climate Clinic Coal Coffee College Company Computer Concert Corn Cotton "
    "Crop Customer Dairy Data Dental Desert Electric Energy Export Factory Family Farm Fashion Festival Film "
    "Fish Flight Flower Food Football Forest Fruit Fuel Furniture Game Garden Glass Gold Grain Grocery "
    "Harbour "
    "Health Heating Highway Holiday Home Honey Hospital Hotel House Housing Import Industry Internet Island "
    "Job Kitchen Lake Land Laptop Library Loan Market Meat Media Member Metal Milk Mobile Money Mountain "
    "Museum Music Network News Ocean Office Oil Online Opera Orchard Paper Park Parking Patient Pension Pet "
    "Phone Plant Plastic Police Post Power Product Project Property Public Quarterly Radio Rail Rainfall "
    "Regional Rental Restaurant Rice River Road Salad School Science Sea Seed Service Ship Shoe Shop Snow "
    "Software Soil Solar Sport Staff Steel Store Storm Student Sugar Summer Support Survey Tax Taxi Tea Team "
    "Theatre Ticket Timber Tourism Town Toy Trade Traffic Train Travel Tree Truck University Vegetable "
    "Vehicle "
    "Village Visa Volunteer Waste Water Weather Web Weekly Wheat Wind Wine Winter Wool Work Yearly Youth Zoo"
)
MEASURES = listed(
    "Accidents Attendance Awards Balance Births Bookings Budget Capacity Clicks Complaints Consumption Cost "
    "Costs Damage Deliveries Demand Deposits Distance Donations Downloads Earnings Emissions Employees "
    "Expenses "
    "Exports Fees Forecast Goals Growth Guests Hours Imports Income Inflation Injuries Inventory Investment "
    "Jobs Length Level Losses Members Orders Output Passengers Patients Payments Points Population Price "
    "Prices "
    "Production Profit Purchases Rates Ratings Rent Repairs Results Returns Revenue Reviews Salaries Sales "
    "Savings Scores Shares Shipments Size Speed Spending Staff Stock Students Supply Temperature Tickets "
    "Time "
    "Tourists Traffic Trips Turnover Usage Users Value Views Visitors Visits Volume Votes Wages Weight Yield"
)
GROUPS = (
    listed("January February March April May June July August September October November December"),
    listed("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    listed("Mon Tue Wed Thu Fri Sat Sun"),
    listed("Q1 Q2 Q3 Q4"),
    listed("North South East West Central"),
    listed("Spring Summer Autumn Winter"),
    listed("Car Bus Train Bike Walk Tram Plane Ferry"),
    listed("Red Blue Green Yellow Orange Purple Black White"),
    listed("Apples Pears Plums Cherries Grapes Bananas Oranges Peaches Lemons Figs"),
    listed("Cats Dogs Birds Fish Rabbits Hamsters Horses Turtles"),
    listed("Football Tennis Hockey Rugby Cricket Golf Swimming Boxing Cycling"),
    listed("Coal Gas Oil Solar Wind Nuclear Hydro Biomass"),
    listed("Rent Food Transport Clothing Leisure Insurance Savings Other Health"),
    listed("Python Java JavaScript Rust Go Ruby Swift Kotlin PHP Scala"),
    listed("Windows Linux macOS Android iOS"),
    listed("Chrome Firefox Safari Edge Opera"),
    listed("Wheat Rice Corn Barley Oats Rye Soy Millet"),
    listed("Gold Silver Copper Iron Zinc Nickel Tin Lead"),
    listed("Engineering Marketing Finance Support Legal Design Research Operations"),
    listed("Asia Africa Europe Oceania Americas Antarctica"),
    listed("Excellent Good Fair Poor"),
    listed("Primary Secondary College University"),
    listed("Morning Noon Afternoon Evening Night"),
    listed("Alpha Beta Gamma Delta Epsilon Zeta"),
    listed("Comedy Drama Action Horror Romance Thriller Musical"),
    listed("Maths Physics Chemistry Biology History Geography Music Art"),
    listed("Email Phone Chat Post Visit"),
    listed("Bread Milk Cheese Meat Fruit Vegetables Sweets"),
    listed("Online Retail Wholesale Partner Direct"),
    listed("Basic Standard Premium Business Enterprise"),
    listed("Kitchen Bathroom Bedroom Garden Garage Office"),
    listed("Yes No Maybe Unsure"),
    listed("Low Medium High"),
    listed("Desktop Mobile Tablet"),
)
COMMON = listed(
    "ability able about above accept access account across action active activity actual address advice "
    "after "
    "again against agree air allow almost alone along already also always among amount angle animal annual "
    "another answer appear area argue around arrive article attempt autumn average avoid away back balance "
    "band bank bar base basic battle beach bear beat beauty because become before begin behind believe below "
    "benefit best better between beyond bird birth blood blue board boat body book border both bottom bowl "
    "branch brave bread break breath bridge brief bright bring broad brother brown build burn business busy "
    "butter button buy call calm camera camp capital care carry case catch cause celebrate cell central "
    "chain "
    "chair chance change chapter charge cheap check cheese chief child choice choose circle city claim class "
    "clean clear client climb clock close cloth cloud coast coat code coffee cold collect colour come common "
    "company compare complete computer concern condition connect consider contact contain continue control "
    "cook cool copy corner correct cost count country couple course court cover create cross crowd culture "
    "current customer cut daily damage dance dark data daughter day deal dear death decide deep degree delay "
    "deliver demand describe desert design desk detail develop difference difficult dinner direct discover "
    "discuss distance doctor document door double doubt down draw dream dress drink drive drop dry during "
    "duty each early earth east easy edge education effect effort eight either electric else empty end "
    "energy "
    "engine enjoy enough enter entire equal escape even evening event ever every exact example except "
    "exchange "
    "exercise exist expect expense explain express extra eye face fact factory fair fall family famous farm "
    "fast father favour fear feel few field fight figure fill film final find fine finger finish fire first "
    "fish five flat flight floor flow flower fly follow food foot force foreign forest forget form forward "
    "four "
    "frame free fresh friend from front fruit full fun future game garden gas gate gather general gentle get "
    "gift girl give glad glass goal gold good grass great green grey ground group grow growth guard guess "
    "guest "
    "guide habit hair half hall hand handle happen happy harbour hard hat head health hear heart heat heavy "
    "height help here hide high hill history hold holiday home honest hope horse hospital hot hotel hour "
    "house "
    "however human hundred hungry hurry idea image imagine improve include increase industry inform inside "
    "instead interest into invite iron island issue item job join journey judge juice jump just keep key "
    "kind "
    "kitchen know labour lady lake land language large last late laugh law lay lead learn leave left leg "
    "lesson "
    "letter level library lie life light like limit line list listen little live local lock long look lose "
    "loud "
    "love low luck lunch machine main make manage many map mark market marry matter meal mean measure meat "
    "meet member memory mention message metal middle might mile milk mind minute mirror miss mistake model "
    "modern moment money month moon more morning most mother mountain mouth move much museum music must name "
    "narrow nation nature near nearly neck need never new news next nice night nine noise none north nose "
    "note "
    "nothing notice number object ocean offer office often old once only open operate opinion orange order "
    "other outside over own page paint pair paper parent park part party pass past path pattern pause pay "
    "peace "
    "people perfect perhaps period person phone photo phrase pick picture piece place plain plan plane plant "
    "plate play please plenty pocket point police polite poor popular position possible post power practice "
    "prefer prepare present press pretty price print private prize problem process produce product promise "
    "proper protect proud prove provide public pull pure purpose push quality quarter question quick quiet "
    "quite"
)
COMMON += listed(
    "race radio rain raise range rare rate rather reach read ready real reason receive recent record red "
    "reduce refer regard region regular relate remain remember remove rent repair repeat replace reply "
    "report "
    "request require rest result return rich ride right ring rise river road rock role roof room root rough "
    "round row rule run safe sail salt same sand save scale scene school science score screen sea search "
    "season "
    "seat second secret section see seed seem select sell send sense sentence separate serious serve service "
    "settle seven several shade shake shape share sharp sheet shelf shine ship shirt shoe shop shore short "
    "should shoulder shout show shower side sight sign signal silent silver similar simple since sing single "
    "sister six size skill skin sky sleep slip slow small smart smell smile smoke smooth snow soap social "
    "soft "
    "soil soldier some son song soon sort sound soup source south space speak special speed spell spend "
    "spirit "
    "sport spot spread spring square stage stair stamp stand star start state station stay steel step stick "
    "still stock stone stop store storm story straight strange stream street strength strike string strong "
    "student study style subject success such sudden sugar suggest suit summer sun supper supply support "
    "sure "
    "surface surprise sweet swim symbol system table take talk tall task taste teach team tell ten term test "
    "thank theatre then theory there thick thin thing think third though thought thousand thread three "
    "through "
    "throw ticket tidy tight time tiny title today together tomorrow tonight tool tooth top total touch "
    "toward "
    "tower town track trade traffic train travel tree trip trouble true trust truth try turn twelve twenty "
    "twice "
    "type uncle under unit until upon useful usual valley value various very view village visit voice wait "
    "walk "
    "wall want war warm wash waste watch water wave way weak wealth wear weather week weight welcome well "
    "west "
    "wet what wheel where while white whole wide wife wild will win wind window wine winter wise wish "
    "without "
    "woman wonder wood wool word work world worry worth would write wrong yard year yellow yes yesterday "
    "young "
    "zero"
)
