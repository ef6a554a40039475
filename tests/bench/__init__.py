"""The tamper kit and the rendered scenes."""
