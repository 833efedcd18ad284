"""What is asked of each message before it is sent, and how hard to try."""
