namespace Graph.Ptx.Machine;

/// <summary>
/// The asynchronous copies of one thread. As weak as PTX allows: bytes arrive only when their group is waited for, so that code which waits
/// for too little reads nothing good.
/// </summary>
internal sealed class AsyncCopies
{
    private readonly Queue<List<Copy>> groups = new();
    private List<Copy> open = [];

    public void Begin(ulong address, byte[] data) => open.Add(new(address, data));

    public void Commit()
    {
        groups.Enqueue(open);
        open = [];
    }

    /// <summary>Waits until at most <paramref name="pending"/> groups are under way.</summary>
    public void Wait(Warp warp, int lane, ulong pending)
    {
        while ((ulong)groups.Count > pending)
        {
            foreach (var copy in groups.Dequeue())
            {
                warp.Group.Shared.Complete(warp, lane, copy.Address, copy.Data);
            }
        }
    }

    private readonly record struct Copy(ulong Address, byte[] Data);
}
