namespace Graph.Execution;

/// <summary>Where a program runs: this machine's cores through SIMD, or a GPU.</summary>
public abstract class Device
{
    /// <summary>How the device is chosen on a command line, e.g. <c>cpu</c> or <c>opencl:0</c>.</summary>
    public abstract string Id { get; }

    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>The SIMD executor.</summary>
    /// <param name="threads">Threads; 0: one per core. Results do not depend on it.</param>
    /// <param name="lanes">Widest SIMD lane in floats (16, 8, 4, 1); 0: the widest of this machine.</param>
    public static Device Cpu(int threads = 0, int lanes = 0) => new CpuDevice(threads, lanes);

    /// <summary>Allocates all memory of a program, which knows its plan by now, and its executor.</summary>
    internal abstract ProgramMemory Allocate(CompiledProgram program);
}

internal sealed class CpuDevice(int threads, int lanes) : Device
{
    public override string Id => "cpu";

    public override string Name => "CPU";

    internal override ProgramMemory Allocate(CompiledProgram program) => new CpuMemory(program.Table, threads > 0 ? threads : Environment.ProcessorCount, lanes);
}
