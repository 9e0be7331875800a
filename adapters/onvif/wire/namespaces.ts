/** ONVIF's WSDLs and schemas, by the prefixes that ONVIF Core writes them with. */
export const tds = "http://www.onvif.org/ver10/device/wsdl"
export const tev = "http://www.onvif.org/ver10/events/wsdl"
export const tac = "http://www.onvif.org/ver10/accesscontrol/wsdl"
export const tdc = "http://www.onvif.org/ver10/doorcontrol/wsdl"

/** OASIS WS-BaseNotification 1.3. */
export const wsnt = "http://docs.oasis-open.org/wsn/b-2"
export const wsntWsdl = "http://docs.oasis-open.org/wsn/bw-2"
