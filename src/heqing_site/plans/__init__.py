"""Plans (治理方案): 一河一策、一企一策、一点一策、一地块一策, with their five lists and what their instruments say."""
