"""Plain frozen data of the product: observations, scores, episodes, accuracy and errors."""
