"""What only makes the plain way faster; held equal to it by the property tests of every command."""
