"""Classic control with MuJoCo's pictures: the cart-pole and the mountain car of VLM-RM."""
