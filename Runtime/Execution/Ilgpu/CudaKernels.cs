using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Graph.Execution.Ilgpu;

/// <summary>What the driver's assembler made of a kernel, through the driver's own function: ILGPU does not ask.</summary>
internal static partial class CudaKernels
{
    private const int LocalBytes = 3; // CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES
    private const int Registers = 4; // CU_FUNC_ATTRIBUTE_NUM_REGS

    /// <summary>Registers and bytes of local memory of a thread; the latter are spilled registers, for our kernels ask for none. Zeros of kernels that are not CUDA's.</summary>
    public static KernelResources Of(Kernel kernel)
    {
        if (kernel is not CudaKernel cuda)
        {
            return default;
        }

        kernel.Accelerator.Bind();
        return GetAttribute(out var registers, Registers, cuda.FunctionPtr) == 0 && GetAttribute(out var local, LocalBytes, cuda.FunctionPtr) == 0
            ? new KernelResources(registers, local)
            : default;
    }

    [LibraryImport("cuda", EntryPoint = "cuFuncGetAttribute")]
    private static partial int GetAttribute(out int value, int attribute, nint function);
}
