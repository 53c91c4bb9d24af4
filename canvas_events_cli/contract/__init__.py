"""What a catalogue promises: listed, checked, and compared with another."""
