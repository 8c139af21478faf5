"""What happens each day by itself, composed of the rooms below: read the instruments, judge every target."""
