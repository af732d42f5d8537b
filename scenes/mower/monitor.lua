-- Tells when a service of the mower changes its state or goes, and how all of them are.
require("engine.service").monitor()
