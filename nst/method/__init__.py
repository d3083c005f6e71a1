"""The paper: its equations, its network, and how an image is found."""
