/**
 * What runs in a laboratory's namespaces, as scripts of the shell. They lie in its folder, so that `ps` tells what is what.
 *
 * No namespace has a name or a file, so it is there as long as processes are in it. All of them are below one, the
 * *operator*, which is the first process of a namespace of processes: when it ends the kernel ends all others, and with
 * them go links, switch and rules. It ends when its stdin does, whose other end only the laboratory's own process holds.
 */

/**
 * The operator, in the switch's namespaces. Argument: the laboratory's folder, in which the script of hosts is. It does one
 * command after another, a line each, and says what it said and how it ended. `start_host` starts one beside it, and says when that is
 * gone; the host's link goes with it. It is given the host's name, how many control groups that is in, these, and the
 * arguments of the script of hosts.
 */
export const operatorScript = `
set -e
folder=$1
mount --make-rprivate /
mount -t sysfs sysfs "$folder/switch"
[ ! -e /etc/hosts ] || mount --bind "$folder/hosts" /etc/hosts
ip link add switch type bridge mcast_snooping 0
ip link set switch addrgenmode none up
nft 'table bridge lab {
  set cut { type ifname . ifname; }
  set cut_one_way { type ifname . ifname; }
  chain loss { }
  chain forward {
    type filter hook forward priority 0; policy accept;
    iifname . oifname @cut drop
    ether type != arp iifname . oifname @cut_one_way drop
    jump loss
  }
}'
start_host() {
  {
    (
      name=$1 groups=$2
      shift 2
      while [ "$groups" -gt 0 ]; do
        echo 0 > "$1/cgroup.procs" || exit 1
        groups=$((groups - 1))
        shift
      done
      exec unshare --net --mount --uts --ipc --pid --fork sh "$folder/host" "$name" "$@"
    ) >&3 2>&3 </dev/null
    ip link del "$1" 2>/dev/null
    echo "gone $1" >&3
  } &
}
read -r pid rest < /proc/self/stat
set +e
echo "operator $pid"
while IFS= read -r line; do
  eval "$line" 2>&1 </dev/null
  echo "done $?"
done
`

/**
 * A host, from its first process on. Arguments: its name, address, MAC address, the operator's number, the
 * laboratory's folder, and the folders that it sees though they lie in a temporary folder. Its first process becomes `sleep`, which
 * ignores SIGCHLD: so the kernel itself reaps whatever is orphaned in the host.
 */
export const hostScript = `
set -e
name=$1 address=$2 mac=$3 operator=$4 folder=$5
shift 5
read -r pid rest < /proc/self/stat
switch="/proc/$operator/ns/net"
ip link add eth0 address "$mac" type veth peer name "$name" netns "$switch"
ip -batch - <<END
link set lo up
addr add $address/24 dev eth0
link set eth0 addrgenmode none
link set eth0 up
END
nsenter --net="$switch" ip link set "$name" master switch addrgenmode none up
hostname "$name"
umount "$folder/switch"
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
count=0
for shown; do
  mkdir "/dev/shm/$count"
  mount --rbind "$shown" "/dev/shm/$count"
  count=$((count + 1))
done
mount -t tmpfs -o mode=1777 tmpfs /tmp
count=0
for shown; do
  mkdir -p "$shown"
  mount -n --move "/dev/shm/$count" "$shown"
  rmdir "/dev/shm/$count"
  count=$((count + 1))
done
cat /proc/sys/kernel/random/uuid > "$folder/$name.boot"
mount -t proc proc /proc
mount --bind "$folder/$name.boot" /proc/sys/kernel/random/boot_id
echo "ready $name $pid" >&3
cd /
exec 3>&- env --ignore-signal=CHLD sleep infinity </dev/null >/dev/null 2>&1
`
