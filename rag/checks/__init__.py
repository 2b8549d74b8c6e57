"""What is checked of an answer: that it is grounded, no loop, and whether it refuses."""
