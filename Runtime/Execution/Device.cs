using Graph.Operators;

namespace Graph.Execution;

/// <summary>Where a program runs: this machine's cores through SIMD, or a GPU.</summary>
public abstract class Device
{
    /// <summary>How the device is chosen on a command line, e.g. <c>cpu</c>, <c>cpu,bf16</c> or <c>opencl:0</c>.</summary>
    public abstract string Id { get; }

    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>Programs keep activations there as bfloat16 where their launches can take it.</summary>
    public virtual bool StoresBfloat16 => false;

    /// <summary>Products, attention and the scan's products run on tensor cores there, whose factors are bfloat16.</summary>
    public virtual bool HasTensorCores => false;

    /// <summary>The SIMD executor.</summary>
    /// <param name="threads">Threads; 0: one per core. Results do not depend on it.</param>
    /// <param name="lanes">Widest SIMD lane in floats (16, 8, 4, 1); 0: the widest of this machine.</param>
    /// <param name="bfloat16">
    /// Matrix products round their factors to bfloat16 and sum in float32: twice the speed with lanes of 16 on processors with AVX512-BF16 under Linux,
    /// slower than float32 elsewhere, with results that may differ in the last bits. Everything else stays float32.
    /// </param>
    public static Device Cpu(int threads = 0, int lanes = 0, bool bfloat16 = false) => new CpuDevice(threads, lanes, bfloat16);

    /// <summary>Allocates all memory of a program, which knows its plan by now, and its executor.</summary>
    internal abstract ProgramMemory Allocate(CompiledProgram program);
}

internal sealed class CpuDevice(int threads, int lanes, bool bfloat16) : Device
{
    public override string Id => bfloat16 ? "cpu,bf16" : "cpu";

    public override string Name =>
        !bfloat16 ? "CPU"
        : !Bfloat16Tile.IsSupported ? $"CPU, bfloat16 products by portable code: {Bfloat16Tile.WhyNot}"
        : (lanes > 0 ? lanes : CpuExecutor.WidestLanes) < 16 ? "CPU, bfloat16 products by portable code: The tile needs lanes of 16."
        : "CPU, bfloat16 products by AVX512-BF16";

    internal override ProgramMemory Allocate(CompiledProgram program) =>
        new CpuMemory(program.Table, threads > 0 ? threads : Environment.ProcessorCount, lanes, bfloat16);
}
