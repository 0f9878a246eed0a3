package seal

// RecordKey gives the key that a phone encrypted a record with.
func RecordKey(k *ODKKey, m ODKManifest) []byte {
	key, err := k.unwrap(m.Key)
	if err != nil {
		panic(err)
	}
	return key
}
