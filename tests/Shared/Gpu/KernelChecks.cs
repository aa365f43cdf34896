using System.Reflection;
using System.Text.RegularExpressions;
using Graph.Ptx;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>What can be said of a kernel without running it, from the two texts that devices would load.</summary>
internal static partial class KernelChecks
{
    /// <summary>Shared memory that every OpenCL device has.</summary>
    private const int PortableShared = 32 * 1024;

    /// <summary>Static shared memory that CUDA allows.</summary>
    private const int CudaShared = 48 * 1024;

    /// <summary>Opcodes that only inline assembly and warps bring: such a kernel is for CUDA alone.</summary>
    private static readonly string[] CudaOnly = ["mma.", "ldmatrix.", "cp.async.", "shfl."];

    /// <summary>Checks both texts of a kernel.</summary>
    /// <param name="kernel">Closed.</param>
    /// <param name="opcodes">How often opcodes that start so must stand in the PTX.</param>
    public static void Check(MethodInfo kernel, params IEnumerable<(string Opcode, int Count)> opcodes)
    {
        var module = PtxModule.Parse(OfflineCompiler.Ptx(kernel));
        var ptx = Assert.Single(module.Kernels);
        var isCuda = ptx.OpcodeCounts.Keys.Any(opcode => CudaOnly.Any(start => opcode.StartsWith(start, StringComparison.Ordinal)));

        // Unknown opcodes, calls and externals have already stopped the parser.
        Assert.Equal("8.0", module.Version);
        Assert.Equal("sm_80", module.Target);
        Assert.True(ptx.LocalBytes == 0, $"{ptx.LocalBytes} bytes of .local: an array is indexed at run time, or inline assembly works on a reference.");
        Assert.True(ptx.SharedBytes <= (isCuda ? CudaShared : PortableShared), $"{ptx.SharedBytes} bytes of shared memory.");
        Assert.DoesNotContain(ptx.OpcodeCounts.Keys, opcode => opcode.StartsWith("atom.", StringComparison.Ordinal) || opcode.StartsWith("red.", StringComparison.Ordinal));
        foreach (var (opcode, count) in opcodes)
        {
            Assert.Equal((opcode, count), (opcode, ptx.OpcodeCounts.Where(pair => pair.Key.StartsWith(opcode, StringComparison.Ordinal)).Sum(pair => pair.Value)));
        }

        if (!isCuda)
        {
            // The define that cures other devices stands before the text that the compiler made.
            Assert.DoesNotMatch(NotPortable(), CureDefines().Replace(OfflineCompiler.OpenCl(kernel), ""));
        }
    }

    [GeneratedRegex(@"\b(__generic|half\d*|cl_khr_fp16|atomic_\w+|atom_\w+|sub_group\w*|intel_sub_group\w*)\b")]
    private static partial Regex NotPortable();

    [GeneratedRegex(@"^#define (work_group_barrier|__generic)\b.*$", RegexOptions.Multiline)]
    private static partial Regex CureDefines();
}
