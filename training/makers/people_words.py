"""Open lists of names: people, places, streets, companies. ASCII, from many languages."""

from training.pictures.words import listed

FIRST_NAMES = listed(
    "Aaron Abigail Adam Adele Aisha Akira Alan Albert Alejandro Alessandro Alex Alexander Alice Alina Alison "
    "Amanda Amelia Amina Amir Amy Ana Anders Andre Andrea Andrew Angela Anika Anita Ann Anna Anne Annika "
    "Anthony Antonio Arjun Arthur Astrid Ayse Barbara Bastian Beatrice Ben Benjamin Bianca Bjorn Boris "
    "Brandon Brenda Brian Bruno Camila Carl Carla Carlos Carmen Caroline Catherine Cecilia Charles Charlotte "
    "Chloe Chris Christian Christina Claire Clara Claudia Colin Connor Daisuke Daniel Daniela Darius David "
    "Deborah Denis Diana Diego Dimitri Dmitri Dominik Donald Dora Dorothy Dylan Edgar Edith Eduardo Edward "
    "Eileen Elena Elias Elif Elisabeth Ella Ellen Emil Emilia Emily Emma Enrico Erik Esther Ethan Eva Evelyn "
    "Fabian Farah Fatima Felix Fernando Filip Fiona Florian Frances Francisco Frank Franz Freya Frida "
    "Gabriel Gareth Gary Georg George Georgia Gerard Gianna Gloria Grace Greta Guido Gustav Hannah Hans "
    "Harold Harry Hassan Hector Heidi Helen Helena Henrik Henry Hiroshi Holly Hugo Ian Ibrahim Ida Ignacio "
    "Igor Ilse Imran Ines Ingrid Irene Iris Isaac Isabel Isla Ivan Ivy Jack Jacob Jakob James Jamila Jan "
    "Jane Janet Jasmin Jason Javier Jean Jennifer Jens Jessica Joan Joanna Joel Johan Johannes John Jonas "
    "Jorge Jose Josef Joseph Joshua Juan Judith Julia Julian Kai Karen Karim Karin Karl Kasper Kate Katja "
    "Keiko Keith Kenji Kevin Khalid Kim Klara Klaus Kristin Kurt Laila Lars Laura Lea Leah Lena Leo Leon "
    "Leonardo Leila Lilian Lina Linda Lisa Liv Lorenzo Louis Louise Luca Lucas Lucia Lucy Luis Luisa Lukas "
    "Lydia Magnus Malik Manuel Marco Marek Margaret Maria Marie Marina Mario Mark Marta Martha Martin Mary "
    "Mateo Mathilda Matthew Maurice Max Maya Megan Mehmet Mei Melissa Michael Miguel Mila Milan Miriam "
    "Mohamed Moira Monica Morten Nadia Naomi Natalia Natasha Nathan Nicholas Nicola Nicole Niklas Nils Nina "
    "Noah Noor Nora Norman Olga Oliver Olivia Omar Oscar Otto Pablo Pamela Patricia Patrick Paul Paula Pavel "
    "Pedro Peter Petra Philip Pia Pierre Priya Quentin Rachel Rafael Rahul Ralph Ramon Raquel Rashid Raymond "
    "Rebecca Rene Ricardo Richard Rita Robert Roberto Robin Roland Rosa Rosalind Rose Ruben Rudolf Ruth Ryan "
    "Sabine Samir Samuel Sandra Sara Sean Sebastian Selma Sergio Sharon Silvia Simon Simone Sofia Sonja "
    "Stefan Stella Stephen Steven Sunita Susan Sven Sylvia Takeshi Tamara Tanja Tara Teresa Theo Theresa "
    "Thomas Tim Tobias Tom Tomas Tyler Ulrich Ursula Valentina Valerie Vera Veronica Victor Victoria "
    "Vincent Viola Virginia Vladimir Walter Wanda Wendy Werner William Xavier Yara Yasmin Yuki Yusuf Yvonne "
    "Zachary Zara Zoe Zofia"
)
SURNAMES = listed(
    "Abbott Adams Ahmed Alvarez Andersen Anderson Arnold Bailey Baker Banerjee Barbieri Barnes Bauer Becker "
    "Bell Bennett Berg Bergmann Bianchi Bishop Black Bond Boyd Brandt Braun Brooks Brown Burke Burns Butler "
    "Campbell Carter Castillo Castro Chang Chapman Chen Clark Cohen Cole Collins Conti Cooper Costa Cox "
    "Crawford Cruz Cunningham Dahl Davies Davis Delgado Diaz Dixon Dubois Duncan Dunn Edwards Eklund Ellis "
    "Engel Erdogan Eriksen Esposito Evans Farkas Ferguson Fernandez Ferrari Fischer Fisher Fleming Flores "
    "Fontaine Ford Foster Fournier Fraser Freeman Friedman Fuchs Fujita Gallo Garcia Gardner Garnier Gibson "
    "Gomez Gonzalez Gordon Graham Grant Greco Green Gruber Gupta Gustafson Haas Hahn Hall Hamilton Hansen "
    "Harper Harris Hart Hartmann Hayes Henderson Hernandez Herrera Hill Hoffmann Holm Holmes Horvat Howard "
    "Huang Huber Hughes Hunter Hussain Ito Ivanov Jackson Jacobs Jansen Jensen Jimenez Johansson Johnson "
    "Jones Jordan Jung Kaiser Kapoor Karlsson Kaufmann Keller Kelly Kennedy Khan Klein Knight Kobayashi Koch "
    "Koenig Kowalski Kramer Kumar Lambert Lang Larsen Larson Laurent Lawson Lee Lehmann Lewis Li Lindberg "
    "Lombardi Lopez Lorenz Lund Macdonald Maier Malik Marino Marshall Martin Martinez Mason Mayer Mccarthy "
    "Mehta Mendez Meyer Miller Mitchell Molina Moore Morales Moreau Moreno Morgan Moretti Morris Mueller "
    "Murphy Murray Nakamura Navarro Nelson Nguyen Nielsen Nilsson Novak Nowak Obrien Okafor Olsen Ortega "
    "Ortiz Osman Owens Palmer Park Parker Patel Perez Perry Peters Petersen Peterson Petrov Phillips Pinto "
    "Porter Powell Price Quinn Ramirez Ramos Rao Reed Reyes Reynolds Ricci Richards Rivera Roberts Robinson "
    "Rodriguez Rogers Romano Rossi Russell Russo Ryan Saito Sanchez Sanders Santos Sato Schmidt Schneider "
    "Schulz Schwarz Scott Sharma Shaw Silva Simmons Simpson Singh Smith Sokolov Sorensen Spencer Stein "
    "Stevens Stewart Stone Suzuki Svensson Takahashi Tanaka Taylor Thompson Torres Tran Tucker Turner Urban "
    "Vargas Vasquez Virtanen Vogel Voss Wagner Walker Wallace Walsh Wang Ward Watanabe Watson Weber Webb "
    "Weiss Wells West White Wilson Winkler Winter Wolf Wong Wood Wright Yamamoto Yang Yilmaz Young Zhang "
    "Ziegler Zimmermann"
)
CITIES = listed(
    "Aachen Aarhus Aberdeen Accra Adelaide Alicante Almaty Amman Amsterdam Ankara Antalya Antwerp Athens "
    "Atlanta Auckland Austin Baku Baltimore Bangkok Barcelona Bari Basel Bath Beijing Beirut Belfast "
    "Belgrade Bergen Berlin Bern Bilbao Birmingham Bogota Bologna Bonn Bordeaux Boston Bratislava Bremen "
    "Brighton Brisbane Bristol Bruges Brussels Bucharest Budapest Buffalo Cairo Calgary Cambridge Canberra "
    "Cardiff Casablanca Charlotte Chennai Chester Chicago Cincinnati Cleveland Cologne Copenhagen Cordoba "
    "Cork Coventry Dakar Dallas Delft Denver Derby Detroit Dijon Dortmund Dover Dresden Dubai Dublin "
    "Dubrovnik Dundee Durban Durham Edinburgh Eindhoven Essen Exeter Florence Frankfurt Freiburg Fresno "
    "Galway Gdansk Geneva Genoa Ghent Girona Glasgow Graz Grenoble Hague Halifax Hamburg Hanoi Hanover "
    "Havana Heidelberg Helsinki Houston Innsbruck Istanbul Jakarta Jena Kansas Kassel Kiel Kigali Kingston "
    "Kobe Krakow Kyoto Lagos Lausanne Leeds Leicester Leipzig Lille Lima Limerick Lincoln Linz Lisbon "
    "Liverpool Ljubljana London Lucerne Luxembourg Lyon Madrid Malaga Malmo Manchester Manila Marseille "
    "Melbourne Memphis Miami Milan Milwaukee Minneapolis Modena Montreal Moscow Mumbai Munich Munster "
    "Nairobi Nantes Naples Nashville Newcastle Newport Nice Norwich Nottingham Nuremberg Oakland Odense "
    "Omaha Oslo Ostrava Ottawa Oxford Padua Palermo Paris Parma Perth Philadelphia Phoenix Pisa Pittsburgh "
    "Plymouth Porto Portland Potsdam Poznan Prague Pretoria Quebec Quito Ravenna Reading Reims Rennes "
    "Richmond Riga Rome Rostock Rotterdam Rouen Sacramento Salzburg Santiago Sarajevo Seattle Seoul Seville "
    "Shanghai Sheffield Singapore Sofia Split Stavanger Stockholm Strasbourg Stuttgart Sydney Taipei Tallinn "
    "Tampa Tampere Tbilisi Toledo Tokyo Toronto Toulouse Trento Trier Trieste Tucson Tunis Turin Turku Ulm "
    "Uppsala Utrecht Valencia Vancouver Venice Verona Victoria Vienna Vilnius Warsaw Wellington Windsor "
    "Winnipeg Wroclaw Wuerzburg York Zagreb Zurich"
)
COUNTRIES = listed(
    "Albania Argentina Armenia Australia Austria Belgium Bolivia Brazil Bulgaria Cambodia Canada Chile China "
    "Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt Estonia Ethiopia Finland France Georgia Germany "
    "Ghana Greece Guatemala Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan "
    "Jordan Kenya Kuwait Latvia Lebanon Libya Lithuania Malaysia Malta Mexico Mongolia Morocco Nepal "
    "Netherlands Nigeria Norway Oman Pakistan Panama Peru Philippines Poland Portugal Qatar Romania Russia "
    "Rwanda Senegal Serbia Slovakia Slovenia Spain Sudan Sweden Switzerland Syria Thailand Tunisia Turkey "
    "Uganda Ukraine Uruguay Vietnam Zambia"
)
STREET_STEMS = listed(
    "Abbey Acacia Albert Alder Apple Ash Baker Bay Beech Birch Bishop Bridge Broad Brook Cambridge Canal "
    "Castle Cedar Chapel Cherry Chestnut Church Clay College Cottage Court Cross Crown Dale Dean Elm Farm "
    "Field Fir Forest Fountain Fox Garden Gate George Gold Grange Green Grove Hampton Harbour Hazel High "
    "Hill Holly Hospital Iron Ivy Juniper Kent King Lake Lancaster Larch Laurel Lavender Library Lime "
    "Lincoln Linden Main Manor Maple Market Marsh Meadow Mill Mint Moor Museum New Norfolk North Oak Old "
    "Orchard Oxford Palace Park Pearl Pine Poplar Prince Quarry Queen Railway Raven Regent Ridge River Rose "
    "Salt School Shore Silver South Spring Spruce Station Stone Summer Sun Swan Temple Thistle Tower Union "
    "Valley Victoria Walnut Water Wellington West Willow Wind Wood York"
)
STREET_TYPES = listed("Street Street Street Road Road Road Avenue Lane Square Drive Way Close Place Court")
COMPANY_ENDS = listed("Ltd Inc GmbH Corp LLC Group Partners Services Systems Trading Works Studio Labs")
JOBS = (
    "Accountant", "Actor", "Analyst", "Architect", "Artist", "Assistant", "Baker", "Barber", "Biologist",
    "Bookkeeper", "Builder", "Butcher", "Carpenter", "Chef", "Chemist", "Civil Engineer", "Clerk", "Coach",
    "Consultant", "Cook", "Data Scientist", "Dentist", "Designer", "Developer", "Director", "Doctor",
    "Driver", "Economist", "Editor", "Electrician", "Engineer", "Farmer", "Florist", "Gardener", "Geologist",
    "Head of Sales", "Historian", "Interpreter", "Journalist", "Lawyer", "Lecturer", "Librarian", "Manager",
    "Marketing Manager", "Mechanic", "Midwife", "Musician", "Nurse", "Office Manager", "Optician", "Painter",
    "Pharmacist", "Photographer", "Physicist", "Pilot", "Plumber", "Product Owner", "Producer", "Professor",
    "Programmer", "Project Manager", "Receptionist", "Reporter", "Researcher", "Sales Manager", "Scientist",
    "Secretary", "Security Guard", "Singer", "Social Worker", "Software Engineer", "Surgeon", "Surveyor",
    "Tailor", "Tax Adviser", "Teacher", "Technician", "Translator", "Travel Agent", "Veterinarian", "Waiter",
    "Web Designer", "Writer",
)  # fmt: skip
