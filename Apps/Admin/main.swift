AdminProgram.main()
