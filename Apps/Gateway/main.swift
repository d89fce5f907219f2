GatewayProgram.main()
