/** A key and its certificate for `localhost`, for https on the loopback interface in tests. They guard nothing. */

export const loopbackKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrL3xkcW8T8TiHGcF
jDJ3Q7vqpdSygL2BuuaJtgprmAOhRANCAAQx/o0BUseiY7dusxZWPZ8yv3tkZb1h
37KRtgQbdWp4Fjwpeqe/RHsEoDoiVIPuZa/Rp8+paT8e1oh48765pUAZ
-----END PRIVATE KEY-----`

export const loopbackCertificate = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDH+jQFSx6Jjt26z
FlY9nzK/e2RlvWHfspG2BBt1angWPCl6p79EewSgOiJUg+5lr9Gnz6lpPx7WiHjz
vrmlQBmjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQoMB2dt6ShQ51biZp3ccm+HF7irjAKBggqhkjOPQQD
AgNJADBGAiEAzG8/T4qthen18Qbo6QsDD4dS7zkQuxOVKKMcLKtt8N8CIQCxYRRM
pAu2jNdWengSdl+0IQ2xdchhsQqrN13GG+7XPA==
-----END CERTIFICATE-----`
