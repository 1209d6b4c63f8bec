"""Pictures drawn from a seed, with what each expert should write on them and questions with answers."""
