-- What was being sent when the bot ended is looked for at every start, however many deliveries there have been.
CREATE INDEX deliveries_in_flight ON deliveries (page) WHERE state = 1;
