"""What a picture is made from: images, artworks, and weights of networks."""
