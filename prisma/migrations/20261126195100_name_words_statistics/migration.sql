-- How frequent words of names are, so that a search of a frequent word reads the newest people and a rare one the index.
analyze "profile";
