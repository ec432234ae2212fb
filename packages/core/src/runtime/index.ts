export { chooseDevice, listDevices, type Device, type DeviceRequest } from './device.ts'
export { openSession, openStatefulSession, runtimeVersion, type Feeds, type Session } from './session.ts'
