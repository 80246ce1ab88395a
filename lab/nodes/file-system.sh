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

# The folder becomes the root, and the old one is gone.
enter_root() {
  pivot_root . .old
  umount -l /.old
  rmdir /.old
}
