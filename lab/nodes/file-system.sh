# What the roots of nodes and of containers have in common; for the folder that is to become the root.

# Links of a distribution whose programs are below /usr. /var/run is relative: the lab opens files of a node through its root,
# where an absolute link would lead to the machine.
link_folders() {
  for link in bin sbin lib lib64; do
    [ ! -e "/usr/$link" ] || ln -s "usr/$link" "$link"
  done
  ln -s ../run var/run
}

# Settings below net belong to the node's network namespace; all others are the machine's.
mount_proc() {
  mount -t proc proc proc
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  mount --bind proc/sys/net proc/sys/net
  mount -o remount,bind,rw proc/sys/net
}

# The devices that programs expect; disks and all other devices of the machine are not there.
mount_devices() {
  mount -t tmpfs -o mode=755,nosuid devices dev
  for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
  done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
  mount -t tmpfs -o nosuid,nodev shm dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  for stream in 0:stdin 1:stdout 2:stderr; do
    ln -s "/proc/self/fd/${stream%%:*}" "dev/${stream#*:}"
  done
}

# Settings of the kernel and its devices: the machine's, and so read-only.
mount_sys() {
  mount -t sysfs sysfs sys
  mount -o remount,bind,ro sys
}

# The folder becomes the root, and the old one is gone.
enter_root() {
  pivot_root . .old
  umount -l /.old
  rmdir /.old
}
