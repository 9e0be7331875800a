import { temporaryDirectory } from "../../road/peers.ts"
import { type Campus, type CampusDevices, writeCampus } from "./campus.ts"
import { type GatewaySubject, startGatewaySubject } from "./gateway-subject.ts"
import { measuring } from "./subject.ts"

/** Runs `work` with a gateway of its own behind whose embedded broker are these devices, and stops it. */
export const withGateway = async <A>(
  devices: CampusDevices,
  work: (gateway: GatewaySubject, campus: Campus) => Promise<A>
): Promise<A> => {
  const directory = temporaryDirectory("bench")
  try {
    const campus = await writeCampus(directory.path, devices)
    return await measuring(await startGatewaySubject(campus), (gateway) => work(gateway, campus))
  } finally {
    directory.dispose()
  }
}
