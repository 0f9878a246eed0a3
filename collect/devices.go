package collect

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"waymark/fault"
	"waymark/trust/access"
	"waymark/trust/audit"
)

// DigestRealm is the realm that devices sign in to by Digest.
const DigestRealm = "Waymark"

// What cannot be done with devices.
const (
	CodeDeviceName    fault.Code = "collect.device-name"    //
	CodeDeviceTaken   fault.Code = "collect.device-taken"   //
	CodeDeviceUnknown fault.Code = "collect.device-unknown" //
)

// seenEvery is how often the last use of a device is written down.
const seenEvery = time.Hour

// AddDevice makes a phone's or a web link's token: 64 of A-Z a-z 0-9 ! $, as ODK Central's. With Digest it also
// makes a password. Both are shown once.
func (d *Desk) AddDevice(ctx context.Context, by access.Actor, v Device) (made Device, token, password string, err error) {
	if err := need(by, access.ManageDevices, v.Project); err != nil {
		return Device{}, "", "", err
	}
	v.Name = strings.TrimSpace(v.Name)
	if v.Name == "" || len(v.Name) > 100 || v.Digest && strings.ContainsAny(v.Name, ":\"\r\n") {
		return Device{}, "", "", fault.Issue{Code: CodeDeviceName}
	}
	token = strings.NewReplacer("-", "!", "_", "$").Replace(d.options.Keys.Token(48))
	ha1 := ""
	if v.Digest {
		password = d.options.Keys.Token(15)
		sum := md5.Sum([]byte(v.Name + ":" + DigestRealm + ":" + password)) // RFC 7616 as phones speak it
		ha1 = base64.StdEncoding.EncodeToString(d.options.Keys.Seal("digest", []byte(v.Name), []byte(hex.EncodeToString(sum[:]))))
	}
	v.Created, v.Revoked, v.LastUsed = d.now(), false, time.Time{}
	defer d.forget(v.Project)
	made, err = written(ctx, d, func(tx Tx) (Device, error) {
		v := v
		if _, err := tx.GetProject(v.Project); err != nil {
			return Device{}, err
		}
		if v.Digest {
			if other, _, err := tx.FindDigest(v.Name); err == nil && !other.Revoked {
				return Device{}, fault.Issue{Code: CodeDeviceTaken, Kind: fault.Conflict}
			} else if err != nil && !errors.Is(err, fault.NotFound) {
				return Device{}, err
			}
		}
		id, err := tx.AddDevice(v, d.mac("device", token), ha1)
		if err != nil {
			return Device{}, err
		}
		v.ID = id
		return v, tx.Append(d.deviceEntry(by, "device.add", v))
	})
	if err != nil {
		return Device{}, "", "", err
	}
	return made, token, password, nil
}

// RevokeDevice ends a device's token. What it sent stays.
func (d *Desk) RevokeDevice(ctx context.Context, by access.Actor, project, id int64) error {
	if err := need(by, access.ManageDevices, project); err != nil {
		return err
	}
	defer d.forget(project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		v, err := deviceOf(tx, project, id)
		if err != nil {
			return err
		}
		v.Revoked = true
		if err := tx.SetDevice(v); err != nil {
			return err
		}
		return tx.Append(d.entry(by, "device.revoke", project, "device:"+strconv.FormatInt(id, 10)))
	})
}

// deviceEntry is the audit entry of an act on a device; it says where the device may edit.
func (d *Desk) deviceEntry(by access.Actor, act string, v Device) audit.Entry {
	e := d.entry(by, act, v.Project, "device:"+strconv.FormatInt(v.ID, 10))
	if v.Edits {
		e.Detail = map[string]string{"edits": "true"}
	}
	return e
}

// SetDevice changes which forms a device is given, its team, its site and whether it may edit.
func (d *Desk) SetDevice(ctx context.Context, by access.Actor, v Device) error {
	if err := need(by, access.ManageDevices, v.Project); err != nil {
		return err
	}
	defer d.forget(v.Project)
	return d.options.Store.Write(ctx, func(tx Tx) error {
		have, err := deviceOf(tx, v.Project, v.ID)
		if err != nil {
			return err
		}
		have.Forms, have.Team, have.Site, have.Edits = v.Forms, v.Team, v.Site, v.Edits
		if err := tx.SetDevice(have); err != nil {
			return err
		}
		return tx.Append(d.deviceEntry(by, "device.set", have))
	})
}

// seen writes down that a device was used, once an hour.
func (d *Desk) seen(tx Tx, a *arrival) error {
	v, ok := a.standing.devices[a.by.ID]
	if a.by.Kind != access.Device || !ok || a.at.Sub(v.LastUsed) < seenEvery {
		return nil
	}
	v, err := deviceOf(tx, v.Project, v.ID) // as it is now: it may have been revoked
	if err != nil || a.at.Sub(v.LastUsed) < seenEvery {
		return err
	}
	v.LastUsed = a.at
	return tx.SetDevice(v)
}

func deviceOf(tx Tx, project, id int64) (Device, error) {
	all, err := tx.ListDevices(project)
	if err != nil {
		return Device{}, err
	}
	for _, v := range all {
		if v.ID == id {
			return v, nil
		}
	}
	return Device{}, missing("device")
}

// Devices lists the devices of a project.
func (d *Desk) Devices(ctx context.Context, by access.Actor, project int64) ([]Device, error) {
	if err := need(by, access.ManageDevices, project); err != nil {
		return nil, err
	}
	return looked(ctx, d, func(tx Tx) ([]Device, error) { return tx.ListDevices(project) })
}

// DeviceByToken gives the actor of a device's token: fault.Forbidden where it is unknown or revoked.
func (d *Desk) DeviceByToken(ctx context.Context, token string) (access.Actor, Device, error) {
	type found struct {
		actor  access.Actor
		device Device
	}
	who, err := looked(ctx, d, func(tx Tx) (found, error) {
		v, err := tx.FindDevice(d.mac("device", token))
		switch {
		case errors.Is(err, fault.NotFound) || err == nil && v.Revoked:
			return found{}, fault.Issue{Code: CodeDeviceUnknown, Kind: fault.Forbidden}
		case err != nil:
			return found{}, err
		}
		a, err := deviceActor(tx, v)
		return found{a, v}, err
	})
	return who.actor, who.device, err
}

// deviceActor gives what a device may do: what collectors may, in its project, and editing where it was given that.
func deviceActor(tx Tx, v Device) (access.Actor, error) {
	roles, err := roleList(tx)
	if err != nil {
		return access.Actor{}, err
	}
	a := access.Resolve(roles, access.Actor{Kind: access.Device, ID: v.ID, Project: v.Project, Team: v.Team})
	if v.Edits {
		a.Rights = append(a.Rights, access.Held{Right: access.EditRecords, Scope: access.Scope{Project: v.Project}})
	}
	return a, nil
}

// DigestSecret gives HA1 for Digest on a plain LAN: md5 of "name:realm:password" of a device that has one, in
// DigestRealm.
func (d *Desk) DigestSecret(ctx context.Context, name string) (ha1 string, actor access.Actor, err error) {
	type found struct {
		actor  access.Actor
		sealed string
	}
	who, err := looked(ctx, d, func(tx Tx) (found, error) {
		v, sealed, err := tx.FindDigest(name)
		switch {
		case errors.Is(err, fault.NotFound) || err == nil && (v.Revoked || !v.Digest):
			return found{}, fault.Issue{Code: CodeDeviceUnknown, Kind: fault.Forbidden}
		case err != nil:
			return found{}, err
		}
		a, err := deviceActor(tx, v)
		return found{a, sealed}, err
	})
	if err != nil {
		return "", access.Actor{}, err
	}
	sealed, err := base64.StdEncoding.DecodeString(who.sealed)
	if err != nil {
		return "", access.Actor{}, fault.Issue{Code: CodeDeviceUnknown, Kind: fault.Forbidden}
	}
	plain, err := d.options.Keys.Open("digest", []byte(name), sealed)
	if err != nil {
		return "", access.Actor{}, err
	}
	return string(plain), who.actor, nil
}
