"""Alerts: what is worth telling the wearer of the twitching, and what is wrong with the set-up."""
