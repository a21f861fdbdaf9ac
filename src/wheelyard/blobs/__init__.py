"""The byte stores, and the spool where uploads wait for them: what fulfils `ports.Blobs`."""
