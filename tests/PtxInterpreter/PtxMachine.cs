using Graph.Ptx.Machine;

namespace Graph.Ptx;

/// <summary>A device that runs PTX one instruction of one warp at a time, and stops at the first access or step that is not right.</summary>
public sealed class PtxMachine
{
    /// <summary>Instructions executed, each counted once a thread.</summary>
    public long Executed { get; internal set; }

    /// <summary>
    /// Times that a matrix row of <c>ldmatrix</c> lay in banks that another row of its matrix had already taken: each costs a further access
    /// of shared memory. Nothing is wrong with them but the time.
    /// </summary>
    public long MatrixConflicts { get; internal set; }

    internal Clock Clock { get; } = new();

    internal GlobalSpace Global { get; } = new();

    /// <summary>Makes host memory a buffer of the device.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="bytes">Read and written in place.</param>
    /// <returns>Its address, 256-byte aligned.</returns>
    public ulong Add(string name, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Global.Add(name, bytes);
    }

    /// <summary>Gives a buffer other bytes, e.g. more of them, at the same address.</summary>
    /// <param name="address">From <see cref="Add"/>.</param>
    /// <param name="bytes">Read and written in place.</param>
    public void Replace(ulong address, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Global.Replace(address, bytes);
    }

    /// <summary>Runs a kernel to its end, one group after another.</summary>
    /// <param name="kernel">Of a <see cref="PtxModule"/>.</param>
    /// <param name="groups">Groups, in one dimension.</param>
    /// <param name="threads">Threads of a group.</param>
    /// <param name="arguments">As laid out in the kernel's parameters.</param>
    /// <exception cref="PtxException">An access out of bounds, a race, a divergent barrier, and so on.</exception>
    public void Launch(PtxKernel kernel, int groups, int threads, byte[] arguments)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Length != kernel.ParameterBytes)
        {
            throw new PtxException($"{kernel.Name} has {kernel.ParameterBytes} bytes of parameters, {arguments.Length} are given");
        }

        if (threads is < 1 or > 1024 || (kernel.MaxThreads > 0 && threads > kernel.MaxThreads))
        {
            throw new PtxException($"{kernel.Name} cannot have groups of {threads} threads");
        }

        var group = new Group(kernel, this, groups, threads, arguments);
        for (var i = 0; i < groups; i++)
        {
            group.Run(i);
        }
    }
}
