"""What the stages write and other stages read: typed, frozen, and checked on reading."""
