"""The live service: it takes in, keeps, judges, alerts and tells."""
