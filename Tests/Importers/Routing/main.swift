import Providers
import Routing

// Two targets: the first one fails, the second is asked.
let targets = ["a", "b"].enumerated().map { index, name in
    Target(provider: .custom(name, at: "http://\(name).test/v1"), model: "m", order: index + 1)
}
let table = RouteTable([Route("gpt", targets: targets)])
let router = Router()
var random = SystemRandomNumberGenerator()
var journey = RequestJourney("gpt", in: table, at: .now())!
print(router.begin(&journey, at: .now(), random: &random))
print(router.attemptEnded(&journey, with: .connectFailed, at: .now(), random: &random))
print(journey)
